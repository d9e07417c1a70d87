// SPDX-License-Identifier: Apache-2.0
// Taking and giving up a level of the calling thread; shared by native invocations and the interpreter's HostSession.
#pragma once

#include <cstdint>

#include "runtime/control.hpp"
#include "runtime/thread_slot.hpp"

extern "C" {
struct EnterResult {
  std::uint64_t value;
  std::uint64_t landed;
};
__attribute__((visibility("hidden"))) EnterResult tenon_enter(tenon::runtime::Level* level, const std::uint64_t* arguments, std::uint64_t entry,
                                                              std::uint64_t word) noexcept;
}

namespace tenon::runtime {

/// The thread's own stack, with room for `need` bytes below the caller. On any other stack nothing is known, so there is no room.
inline bool has_room(const ThreadSlot& slot, std::uint64_t need) noexcept {
  const auto sp = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
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

/// Makes `level` the current one of its thread, with a generation of its own.
inline void push_level(ThreadSlot& slot, Level& level, Heap& heap, FunctionRunner& runner, const void* owner, const Control* control) noexcept {
  if (slot.depth != 0) [[unlikely]] pause_interruption(slot.levels[slot.depth - 1]);
  level.generation = ++slot.last_generation;
  level.pending = Pending::none;
  level.ending = Ending::none;
  level.site = nullptr;
  level.has_ended = false;
  level.caught_cookie = 0;  // another extension's may have been caught here before
  level.heap = &heap;
  level.runner = &runner;
  level.owner.store(owner, std::memory_order_relaxed);
  level.control.store(control, std::memory_order_relaxed);
  ++slot.depth;
  tenon_current_level = &level;
}

/// Requires: state idle or releasing, nothing held.
inline void pop_level(ThreadSlot& slot, Level& level) noexcept {
  level.enter_state(LevelState::idle);
  const std::size_t depth = --slot.depth;
  tenon_current_level = depth == 0 ? nullptr : &slot.levels[depth - 1];
  level.control.store(nullptr, std::memory_order_release);
  level.owner.store(nullptr, std::memory_order_release);
  if (depth != 0) [[unlikely]] resume_interruption(slot.levels[depth - 1]);
}

/// Whether the run that has just pushed its level must not start. Requires: the level has `control`; unload() and this see one another, for it stores, issues
/// a barrier, and then looks.
inline Cause refusal(Control& control) noexcept {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  return control.refusal();
}

}  // namespace tenon::runtime
