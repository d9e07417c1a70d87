// SPDX-License-Identifier: Apache-2.0
#include "runtime/stop.hpp"

#include <algorithm>

#include "runtime/os/memory.hpp"
#include "runtime/os/signals.hpp"
#include "runtime/os/threads.hpp"
#include "runtime/process.hpp"

namespace tenon::runtime {

namespace {

/// Between two signals to a thread that runs compiled code: its program counter may be in a thunk, which defers.
constexpr std::uint64_t kRepeatNs = 50'000;
/// Between two to an interruptible host function, doubling: the first may come just before its system call.
constexpr std::uint64_t kFirstInterruptNs = 50'000, kLastInterruptNs = 10'000'000;

bool is_on_its_way(const ThreadSlot& slot) {
  return slot.signals_sent.load(std::memory_order_relaxed) > slot.signals_received.load(std::memory_order_acquire);
}

void send_signal(ThreadSlot& slot) {
  if (is_on_its_way(slot)) return;
  slot.signals_sent.fetch_add(1, std::memory_order_relaxed);
  if (os::signal_thread(slot.tid, cancel_signal()) != 0) slot.signals_sent.fetch_sub(1, std::memory_order_relaxed);
}

std::uint64_t close_page(Level& level) {
  if (!level.page_closed) level.page_closed = os::protect(level.poll_page, abi::kPageBytes, os::Protection::none) == 0;
  return level.page_closed ? kNeverNs : kRepeatNs;  // no memory to split the mapping: perhaps next time
}

std::uint64_t interrupt(ThreadSlot& slot, std::uint64_t generation) {
  ThreadSlot::Interrupts& last = slot.interrupts;
  const std::uint64_t now = os::read_clock_ns(CLOCK_MONOTONIC);
  if (last.generation != generation) last = {generation, 0, kFirstInterruptNs};
  if (now < last.due_ns) return last.due_ns - now;
  send_signal(slot);
  const std::uint64_t delay = last.delay_ns;
  last = {generation, now + delay, std::min(2 * delay, kLastInterruptNs)};
  return delay;
}

}  // namespace

LevelView view(const Level& level) noexcept {
  const std::uint64_t word = level.word.load(std::memory_order_acquire);
  const std::uint64_t quantum = level.quantum_ns.load(std::memory_order_acquire);
  const Control* const control = level.control.load(std::memory_order_acquire);
  const std::uint64_t again = level.word.load(std::memory_order_acquire);
  return {generation_of(word) == generation_of(again) ? word : 0, quantum, control};
}

void mark(Level& level, std::uint64_t generation, Cause cause) noexcept {
  if (level.cancel_generation.load(std::memory_order_relaxed) == generation) return;
  level.cancel_cause.store(cause, std::memory_order_relaxed);
  level.cancel_generation.store(generation, std::memory_order_release);
}

bool needs_telling(LevelState state) noexcept { return state == LevelState::extension || state == LevelState::interruptible; }

namespace {

/// A marked level in state extension is still there: its thread has not seen the mark, and the thread's exit would wait for this lock and then for the
/// signal.
std::uint64_t tell(ThreadSlot& slot) {
  const std::lock_guard lock(slot.registration);
  if (!slot.alive) return kNeverNs;
  for (Level& level : slot.levels) {  // only the innermost is in such a state
    const std::uint64_t word = level.word.load(std::memory_order_acquire);
    if (!needs_telling(state_of(word)) || level.cancel_generation.load(std::memory_order_relaxed) != generation_of(word)) continue;
    if (state_of(word) == LevelState::interruptible) return interrupt(slot, generation_of(word));
    if (level.polls.load(std::memory_order_relaxed)) return close_page(level);
    send_signal(slot);
    return kRepeatNs;
  }
  return kNeverNs;
}

}  // namespace

std::mutex detail::one_at_a_time;

std::uint64_t detail::tell_all() noexcept {
  os::heavy_barrier();
  std::uint64_t again = kNeverNs;
  for_each_slot([&](ThreadSlot& slot) { again = std::min(again, tell(slot)); });
  return again;
}

}  // namespace tenon::runtime
