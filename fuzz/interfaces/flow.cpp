// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

#include <algorithm>
#include <iterator>

namespace tenon::fuzz {

namespace {
bool ended(const Flow::CallResult& result) { return result.kind != Outcome::Kind::returned; }
}  // namespace

std::optional<Flow::CallResult> Flow::call(std::string_view name, const Registers& arguments, const interface::Function& function,
                                           const CallBack& call_back, engine::HostOracle& oracle) {
  if (name == "bpf_throw") return CallResult{arguments[0], Outcome::Kind::thrown, Cause::none};
  if (name == "tn_cookie") return CallResult{.r0 = cookie_};
  if (name == "tn_try") return try_body(arguments, function, call_back, oracle);
  if (name == "tn_scope_end") return end_scope(arguments[0], call_back).value_or(CallResult{});
  if (name != "tn_defer" && name != "tn_scope_begin") return std::nullopt;
  entries_.push_back({name == "tn_defer" ? Kind::cleanup : Kind::destructor, {arguments[0], arguments[1]}});
  return CallResult{};
}

Flow::CallResult Flow::try_body(const Registers& arguments, const interface::Function& function, const CallBack& call_back,
                                engine::HostOracle& oracle) {
  const auto& body = std::get<interface::CallbackRef>(function.parameters[0].type);
  const std::size_t depth = oracle.calls_under_way();
  entries_.push_back({});
  const interface::Callback& type = oracle.declarations().at(body.type);
  oracle.enter_callback(type, {arguments[1]});
  const CallResult result = call_back(arguments[0], {arguments[1]});
  if (result.kind == Outcome::Kind::cancelled) return result;
  if (result.kind == Outcome::Kind::returned)
    oracle.leave_callback(type, result.r0);
  else
    oracle.caught(depth), cookie_ = result.r0;
  if (const auto stopped = clean_up(call_back)) return *stopped;
  return {.r0 = result.kind == Outcome::Kind::thrown ? 1u : 0u};
}

std::optional<Flow::CallResult> Flow::clean_up(const CallBack& call_back) {
  while (entries_.back().kind != Kind::mark) {
    const Cleanup now = entries_.back().cleanup;
    entries_.pop_back();
    if (const CallResult result = call_back(now.function, {now.argument}); ended(result)) return result;
  }
  entries_.pop_back();
  return std::nullopt;
}

std::optional<Flow::CallResult> Flow::end_scope(std::uint64_t at, const CallBack& call_back) {
  const auto newest = std::find_if(entries_.rbegin(), entries_.rend(),
                                   [&](const Entry& entry) { return entry.kind == Kind::destructor && entry.cleanup.argument == at; });
  if (newest == entries_.rend()) return std::nullopt;
  const Cleanup now = newest->cleanup;
  entries_.erase(std::next(newest).base());
  const CallResult result = call_back(now.function, {now.argument});
  return ended(result) ? std::optional(result) : std::nullopt;
}

std::optional<Flow::Cleanup> Flow::take_last() {
  while (!entries_.empty()) {
    const Entry last = entries_.back();
    entries_.pop_back();
    if (last.kind != Kind::mark) return last.cleanup;
  }
  return std::nullopt;
}

}  // namespace tenon::fuzz
