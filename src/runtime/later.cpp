// SPDX-License-Identifier: Apache-2.0
// LaterCallback::run() of a native program: a function of it as an invocation of its own. As State::run() does it for the program, but that a
// function begins with nothing held and that what it throws is not caught by the program's exception callback.
#include <utility>

#include "runtime/entry.hpp"
#include "runtime/heap_state.hpp"
#include "runtime/installed_state.hpp"
#include "runtime/release.hpp"

namespace tenon::runtime {

Outcome Installed::run_later(const void* function, std::uint32_t type, const std::array<std::uint64_t, 5>& arguments) const noexcept {
  Outcome outcome = state_->run_later(*static_cast<const State::Function*>(function), arguments);
  if (outcome.kind == Outcome::Kind::returned && !state_->calls->callback_gives(type)) outcome.value = 0;  // else what its r0 happened to be
  return outcome;
}

/// A refusal gives nothing back, for nothing was given.
Outcome Installed::State::refuse_later(Cause cause, const Function& function) const noexcept {
  control->refused(cause);
  Outcome outcome = stopped(cause, instruction_at(function.entry));
  outcome.value = 0;
  return outcome;
}

Outcome Installed::State::run_later(const Function& function, const Registers& arguments) noexcept {
  ThreadSlot* const slot = this_thread_slot();
  Level* const level = next_level(slot);
  if (level == nullptr) return refuse_later(Cause::host_request, function);
  if (!has_room(*slot, function.native_stack_bytes)) return refuse_later(Cause::stack, function);
  const std::uint64_t heap_stack = heap_state->stack_top(slot->index, slot->depth);
  if (heap_stack == 0) return refuse_later(Cause::stack, function);
  prepare(*slot, *level, heap_stack);
  level->invocation.native_stack_limit = slot->stack_low + function.native_stack_bytes;
  level->prepared_for = 0;  // the program needs another stack
  push_level(*slot, *level);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (const Cause closed = control->refusal(); closed != Cause::none) {
    pop_level(*slot, *level);
    return refuse_later(closed, function);
  }
  if (tenon_watchdog_asleep.load(std::memory_order_relaxed) != 0) tenon_wake_watchdog();
  Outcome outcome = leave(*level, enter(*level, arguments, function.entry), false);
  if (outcome.kind == Outcome::Kind::cancelled) outcome.value = 0;
  return outcome;
}

}  // namespace tenon::runtime
