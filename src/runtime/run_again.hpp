// SPDX-License-Identifier: Apache-2.0
// The short way in, inlined into Program::run: most runs are on a thread whose outermost level ran the same program last, and what does not change
// between runs is still there. The level that the run takes is also what keeps the code from being freed meanwhile.
#pragma once

#include <atomic>
#include <cstdint>

#include "runtime/entry.hpp"
#include "runtime/runtime.hpp"
#include "runtime/watchdog.hpp"

namespace tenon::runtime {

/// What a serial is while nothing may run by it: no level was ever prepared for it.
inline constexpr std::uint64_t kNobodysSerial = ~std::uint64_t{0};

/// `serial` is an Installed::serial(), or kNobodysSerial. Who changes it and then frees the program issues a barrier in between and waits for the
/// levels of its owner. `otherwise` runs the program another way.
template <class Otherwise>
[[gnu::always_inline]] inline Outcome run_again(const std::atomic<std::uint64_t>& serial, std::uint64_t r1, std::uint64_t r2, std::uint64_t r3,
                                                std::uint64_t r4, std::uint64_t r5, const Otherwise& otherwise) noexcept {
  ThreadSlot* const slot = tenon_thread_slot;
  if (slot == nullptr || slot->depth != 0) [[unlikely]]
    return otherwise();
  Level& level = slot->levels[0];
  const std::uint64_t sp = stack_pointer(), wanted = serial.load(std::memory_order_relaxed);
  const bool has_room = sp >= level.invocation.native_stack_limit && sp <= slot->stack_high;
  if (level.prepared_for != wanted || !has_room) [[unlikely]]
    return otherwise();
  push_level<true>(*slot, level);
  std::atomic_signal_fence(std::memory_order_seq_cst);  // who changes one of these brings the rest of the barrier
  if (serial.load(std::memory_order_acquire) != wanted || level.control.load(std::memory_order_relaxed)->is_closed() ||
      tenon_watchdog_asleep.load(std::memory_order_relaxed) != 0) [[unlikely]] {
    pop_level<true>(*slot, level);
    return otherwise();
  }
  const EnterResult result = tenon_enter(r1, r2, r3, r4, r5, &level, level.entry);
  const std::uint64_t to_do = result.landed | level.held.size() | level.counts.acquired | level.counts.released_by_extension;
  if (to_do != 0 || level.must_end()) [[unlikely]]
    return Installed::finish(level, result);
  pop_level<true>(*slot, level);
  Outcome outcome;
  outcome.value = result.value;
  return outcome;
}

}  // namespace tenon::runtime
