// SPDX-License-Identifier: Apache-2.0
#include "engine/raw_host.hpp"

#include "base/bug.hpp"
#include "engine/builtin_interfaces.hpp"

namespace tenon::engine {

namespace {

/// Host functions have no parameter for their host; a thread runs the programs of one at a time.
thread_local RawHost* current_host = nullptr;

RawToken* token_get(std::uint32_t id) { return current_host == nullptr ? nullptr : current_host->get(id); }
void token_put(RawToken* token) { token->owner->put(*token); }
void token_lock(RawToken* token) { token->owner->lock(*token); }
void token_unlock(RawToken* token) { token->owner->unlock(*token); }

}  // namespace

RawHost::RawHost() {
  for (RawToken& token : tokens_) token.owner = this;
}

RawToken* RawHost::get(std::uint32_t id) {
  if (id == 0 || id > kTokens) return nullptr;
  RawToken& token = tokens_[id - 1];
  ++token.references;
  ++counts_.got;
  return &token;
}

void RawHost::put(RawToken& token) {
  if (token.references == 0) {
    ++counts_.misused;
    return;
  }
  ++counts_.put;
  if (--token.references == 0) token.locks = 0;
}

void RawHost::lock(RawToken& token) { ++token.locks; }

void RawHost::unlock(RawToken& token) {
  if (token.locks == 0) {
    ++counts_.misused;
  } else {
    --token.locks;
  }
}

RawCounts RawHost::counts() const {
  RawCounts counts = counts_;
  for (const RawToken& token : tokens_) {
    counts.lost += token.references;
    counts.locked += token.locks;
  }
  return counts;
}

RawHost::Scope::Scope(RawHost& host) : outer_(current_host) { current_host = &host; }
RawHost::Scope::~Scope() { current_host = outer_; }

Interface raw_interface() {
  auto interface = Interface::parse(kRawInterfaceText, "raw.tni");
  const bool bound = interface && interface->bind<&token_get>("token_get") && interface->bind<&token_put>("token_put") &&
                     interface->bind<&token_lock>("token_lock") && interface->bind<&token_unlock>("token_unlock");
  base::ensure(bound, "interfaces/raw.tni and its host differ");
  return *std::move(interface);
}

}  // namespace tenon::engine
