// SPDX-License-Identifier: Apache-2.0
// Ending an invocation from another thread: first its level is marked, then its thread is made to notice (soundness.md, rule 12). Shared by the watchdog,
// which repeats until the level is gone, and by the host's own requests.
#pragma once

#include <cstdint>
#include <limits>
#include <mutex>
#include <tenon/outcome.hpp>

#include "runtime/thread_slot.hpp"

namespace tenon::runtime {

inline constexpr std::uint64_t kNeverNs = std::numeric_limits<std::uint64_t>::max();

/// Fields that belong to one invocation; `word` is idle when the owner was between two.
struct LevelView {
  std::uint64_t word = 0;
  std::uint64_t quantum_ns = 0;
  const Control* control = nullptr;
};
LevelView view(const Level& level) noexcept;

/// Invocation `generation` of the level is to end, because of `cause` unless there was a reason before. The caller holds the slot's registration lock.
void mark(Level& level, std::uint64_t generation, Cause cause) noexcept;

/// True for a marked level whose thread will not see the mark by itself soon: it runs compiled code, or an interruptible host function.
bool needs_telling(LevelState state) noexcept;

namespace detail {
extern std::mutex one_at_a_time;
/// Issues the heavy barrier, then makes every thread of a marked level notice.
std::uint64_t tell_all() noexcept;
}  // namespace detail

/// Calls mark_slot(ThreadSlot&) for each thread, its registration lock held; where one says true, all marked levels are told, by signal or closed page.
/// One at a time in the process: nobody is told of a mark that no barrier has followed, for its thread might leave without seeing it.
/// In how many ns to tell them again, for a program counter may be where the signal is deferred; kNeverNs when they will notice by themselves.
template <class MarkSlot>
std::uint64_t mark_and_tell(MarkSlot&& mark_slot) {
  const std::lock_guard one(detail::one_at_a_time);
  bool any = false;
  for_each_slot([&](ThreadSlot& slot) {
    const std::lock_guard lock(slot.registration);
    if (slot.alive) any |= mark_slot(slot);
  });
  return any ? detail::tell_all() : kNeverNs;
}

}  // namespace tenon::runtime
