// SPDX-License-Identifier: Apache-2.0
// What host functions may ask of the invocation that called them.
#include <tenon/engine.hpp>

#include "runtime/site.hpp"
#include "runtime/thread_slot.hpp"

namespace tenon::runtime {

bool Level::calls_what_throws() const noexcept { return site != nullptr && site->callee != nullptr && site->callee->throws; }

/// Sanitizers are not made for signals that interrupt themselves.
__attribute__((no_sanitize("address", "thread", "undefined"))) Level* current_level() noexcept { return tenon_current_level; }

}  // namespace tenon::runtime

namespace tenon {

namespace {
void request(runtime::Pending what, Cause cause, std::uint64_t cookie) noexcept {
  if (runtime::Level* const level = runtime::tenon_current_level) level->request(what, cause, cookie);
}
}  // namespace

void cancel_current_invocation() noexcept { request(runtime::Pending::cancel, Cause::host_request, 0); }
void throw_in_current_invocation(std::uint64_t cookie) noexcept { request(runtime::Pending::throw_, Cause::none, cookie); }

bool must_return() noexcept {
  const runtime::Level* const current = runtime::tenon_current_level;
  if (current == nullptr) return false;
  if (current->pending != runtime::Pending::none) return true;
  const runtime::ThreadSlot& slot = *current->slot;
  for (std::size_t i = 0; i < slot.depth; ++i) {
    if (slot.levels[i].must_end()) return true;  // what an invocation runs ends with it
  }
  return false;
}

}  // namespace tenon
