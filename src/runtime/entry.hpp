// SPDX-License-Identifier: Apache-2.0
// Taking and giving up a level of the calling thread; shared by native invocations and the interpreter's HostSession.
#pragma once

#include <cstdint>

#include "runtime/control.hpp"
#include "runtime/thread_slot.hpp"

namespace tenon::runtime {
/// What tenon_enter says: r0, or that the invocation landed.
struct EnterResult {
  std::uint64_t value;
  std::uint64_t landed;
};
}  // namespace tenon::runtime

extern "C" __attribute__((visibility("hidden"))) tenon::runtime::EnterResult tenon_enter(std::uint64_t r1, std::uint64_t r2, std::uint64_t r3, std::uint64_t r4,
                                                                                        std::uint64_t r5, tenon::runtime::Level* level,
                                                                                        std::uint64_t entry) noexcept;

namespace tenon::runtime {

inline EnterResult enter(Level& level, const Registers& r, std::uint64_t entry) noexcept { return tenon_enter(r[0], r[1], r[2], r[3], r[4], &level, entry); }

[[gnu::always_inline]] inline std::uint64_t stack_pointer() noexcept {
  std::uint64_t sp;
  asm("movq %%rsp, %0" : "=r"(sp));
  return sp;
}

/// The thread's own stack, with room for `need` bytes below the caller. On any other stack nothing is known, so there is no room.
inline bool has_room(const ThreadSlot& slot, std::uint64_t need) noexcept {
  const std::uint64_t sp = stack_pointer();
  return sp <= slot.stack_high && sp >= slot.stack_low && sp - slot.stack_low >= need;
}

/// Where the invocation took the lock in the heap that it took last and still has. Requires: it has one.
inline const LockRecord& newest_lock(const Level& level) noexcept { return *level.slot->locks.find(level.held.at(*level.held.newest_heap_lock()).object); }

/// What an Outcome says of locks in the heap beside its cause: which one, and where it was taken. Before they are released.
void describe_locks(const Level& level, Outcome& outcome) noexcept;

/// Null when the thread cannot be registered.
inline ThreadSlot* this_thread_slot() noexcept {
  ThreadSlot* const slot = tenon_thread_slot;
  return slot != nullptr ? slot : register_thread();
}

/// The next level of this thread, not yet running; null when there is no slot, the thread nests too deep, or was interrupted inside an extension (run() from a
/// signal handler).
inline Level* next_level(ThreadSlot* slot) noexcept {
  if (slot == nullptr || slot->depth == kMaxNesting) [[unlikely]] return nullptr;
  const Level* const outer = tenon_current_level;
  if (outer != nullptr && state_of(outer->word.load(std::memory_order_relaxed)) == LevelState::extension) [[unlikely]] return nullptr;
  return &slot->levels[slot->depth];
}

/// While anything runs below an interruptible host function it is not interrupted: the thread may be inside a function that must not be.
inline void pause_interruption(Level& outer) noexcept {
  if (!outer.interruptible_call) return;
  outer.enter_state(LevelState::host);
  if (outer.must_end_after_store()) settle(*outer.slot);
}
inline void resume_interruption(Level& outer) noexcept {
  if (outer.interruptible_call) outer.enter_state(LevelState::interruptible);
}

/// Who runs on a level. Others look at it only while the level is not idle, so it stays there afterwards.
inline void set_runner(Level& level, Heap& heap, FunctionRunner& runner, const void* owner, const Control* control) noexcept {
  level.heap = &heap;
  level.runner = &runner;
  level.owner.store(owner, std::memory_order_relaxed);
  level.control.store(control, std::memory_order_relaxed);
}

/// Makes `level` the current one of its thread, in state host, with a generation of its own. Requires: set_runner(); `outermost` only where
/// nothing else runs on the thread.
template <bool outermost = false>
inline void push_level(ThreadSlot& slot, Level& level) noexcept {
  if (!outermost && slot.depth != 0) pause_interruption(slot.levels[slot.depth - 1]);
  level.generation = ++slot.last_generation;
  level.pending = Pending::none;
  level.ending = Ending::none;
  level.site = nullptr;
  level.has_ended = false;
  level.caught_cookie = 0;  // another extension's may have been caught here before
  slot.depth = outermost ? 1 : slot.depth + 1;
  tenon_current_level = &level;
  level.enter_state(LevelState::host);
}

/// Requires: nothing held. Nothing of who ran on it is touched once it is idle.
template <bool outermost = false>
inline void pop_level(ThreadSlot& slot, Level& level) noexcept {
  const std::size_t depth = outermost ? 0 : slot.depth - 1;
  slot.depth = depth;
  tenon_current_level = depth == 0 ? nullptr : &slot.levels[depth - 1];
  level.enter_state(LevelState::idle);
  if (depth != 0) resume_interruption(slot.levels[depth - 1]);
}

}  // namespace tenon::runtime
