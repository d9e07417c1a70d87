// SPDX-License-Identifier: Apache-2.0
#include "host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <tenon/engine.hpp>

#include "generator.hpp"
#include "random.hpp"

namespace tenon::differential {
namespace {

Host& host() { return Host::current(); }

Token* token_get(std::uint32_t id) {
  Token* token = id % 3 == 0 ? nullptr : &host().tokens[id % host().tokens.size()];
  if (token != nullptr) ++token->held;
  host().log.push_back(fmt::format("token_get {} -> {}", id, token == nullptr ? -1 : static_cast<int>(token->id)));
  return token;
}

void token_put(Token* token) {
  --token->held;
  host().log.push_back(fmt::format("token_put {}", token->id));
}

std::uint64_t token_value(Token* token) {
  host().log.push_back(fmt::format("token_value {}", token->id));
  return token->id * 0x9e3779b97f4a7c15;
}

std::uint64_t note(std::uint64_t a, std::uint64_t b) {
  host().log.push_back(fmt::format("note {:#x} {:#x}", a, b));
  return a * 31 + b;
}

std::uint32_t small(std::int32_t a) {
  host().log.push_back(fmt::format("small {}", a));
  return static_cast<std::uint32_t>(a + 8) * 6;
}

void fill(std::uint8_t* p, std::uint64_t n) {
  host().log.push_back(fmt::format("fill {}", n));
  for (std::uint64_t i = 0; i < n; ++i) p[i] = static_cast<std::uint8_t>(host().log.size() * 7 + i);
}

std::uint64_t sum(const std::uint8_t* p, std::uint64_t n) {
  std::uint64_t total = 0;
  for (std::uint64_t i = 0; i < n; ++i) total = total * 31 + p[i];
  host().log.push_back(fmt::format("sum {} -> {:#x}", n, total));
  return total;
}

const std::uint8_t* view() {
  host().log.push_back("view");
  return host().log.size() % 2 == 0 ? host().view.data() : nullptr;
}

void stop_here(std::uint64_t) {
  host().log.push_back("stop_here");
  cancel_current_invocation();
}

template <auto Function>
void bind(Interface& interface, std::string_view name) {
  if (const auto bound = interface.bind<Function>(name); !bound) throw std::runtime_error(to_text(bound.error()));
}

}  // namespace

Host& Host::current() {
  thread_local Host host;
  return host;
}

void Host::reset(std::uint64_t seed) {
  Random random(seed);
  const std::uint64_t bytes = random.chance(20) ? 0 : random.below(kMaxData + 1);
  frame = {data.data(), data.data() + bytes, random.interesting(), static_cast<std::uint32_t>(random.next())};
  for (std::uint8_t& byte : data) byte = static_cast<std::uint8_t>(random.next());
  for (std::uint8_t& byte : view) byte = static_cast<std::uint8_t>(random.next());
  for (std::size_t i = 0; i < tokens.size(); ++i) tokens[i] = {i, 0};
  log.clear();
}

std::int64_t Host::held_tokens() const {
  std::int64_t held = 0;
  for (const Token& token : tokens) held += token.held;
  return held;
}

Interface make_interface() {
  auto parsed = Interface::parse(kInterface, "differential.tni");
  if (!parsed) throw std::runtime_error(to_text(parsed.error()));
  Interface interface = std::move(*parsed);
  bind<&token_get>(interface, "token_get");
  bind<&token_put>(interface, "token_put");
  bind<&token_value>(interface, "token_value");
  bind<&note>(interface, "note");
  bind<&small>(interface, "small");
  bind<&fill>(interface, "fill");
  bind<&sum>(interface, "sum");
  bind<&view>(interface, "view");
  bind<&stop_here>(interface, "stop_here");
  return interface;
}

}  // namespace tenon::differential
