// SPDX-License-Identifier: Apache-2.0
// Taking and giving up a level of the calling thread; shared by native invocations and the interpreter's HostSession.
#pragma once

#include <cstdint>

#include "runtime/thread_slot.hpp"

namespace tenon::runtime {

/// The next level of this thread, not yet running; null when the thread cannot be registered, nests too deep, or was interrupted inside an extension
/// (run() from a signal handler).
inline Level* next_level() noexcept {
  ThreadSlot* slot = tenon_thread_slot;
  if (slot == nullptr) [[unlikely]] slot = register_thread();
  if (slot == nullptr || slot->depth == kMaxNesting) [[unlikely]] return nullptr;
  const Level* const outer = tenon_current_level;
  if (outer != nullptr && state_of(outer->word.load(std::memory_order_relaxed)) == LevelState::extension) [[unlikely]] return nullptr;
  return &slot->levels[slot->depth];
}

/// Makes `level` the current one of its thread, with a generation of its own.
inline void push_level(Level& level, Heap& heap, const void* owner) noexcept {
  ThreadSlot& slot = *level.slot;
  level.generation = ++slot.last_generation;
  level.pending = Pending::none;
  level.ending = Ending::none;
  level.site = nullptr;
  level.heap = &heap;
  level.owner.store(owner, std::memory_order_relaxed);
  ++slot.depth;
  tenon_current_level = &level;
}

/// Requires: state idle or releasing, nothing held.
inline void pop_level(Level& level) noexcept {
  ThreadSlot& slot = *level.slot;
  level.enter_state(LevelState::idle);
  --slot.depth;
  tenon_current_level = slot.depth == 0 ? nullptr : &slot.levels[slot.depth - 1];
  level.owner.store(nullptr, std::memory_order_release);
}

}  // namespace tenon::runtime
