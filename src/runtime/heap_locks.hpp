// SPDX-License-Identifier: Apache-2.0
// Locks in an extension's heap: a queued spin lock and a reader-writer lock, for extensions, host threads and other processes that map the heap. What they
// protect belongs to the extension, so the promise is not that a hostile extension keeps its own locks, but that nobody else is harmed by them: no pointer
// is read from the heap, every wait ends (soundness.md, rule 21), and what a thread holds is known from its own records.
#pragma once

#include <cstdint>

#include "runtime/lock_records.hpp"
#include "runtime/thread_slot.hpp"

namespace tenon::runtime {

enum class LockResult : std::uint8_t {
  taken,
  busy,      ///< at the deadline somebody else had it
  deadlock,  ///< ThreadSlot::locks.report says with whom
  ended,     ///< the invocation that waits must end
  too_many,  ///< kMaxHeldLocks
};

struct LockAnswer {
  LockResult result = LockResult::busy;
  bool abandoned = false;  ///< taken from an owner that was stopped or died while it held the lock
};

/// How long to wait: for an invocation until it must end, and until `deadline_ns` of CLOCK_MONOTONIC (0: none).
struct LockLimits {
  const Level* level = nullptr;
  std::uint64_t deadline_ns = 0;
};

/// Requires: [address, +lock_bytes(mode)) is mapped and stays so; the calling thread owns `slot`. Cost: two compare-exchanges for lock and unlock when nobody
/// else wants it. Not recursive, not even for readers: a lock that the thread has already is LockResult::deadlock at once.
LockAnswer take_lock(ThreadSlot& slot, const LockRequest& request, const LockLimits& limits) noexcept;
/// Never waits; taken or busy or too_many.
LockAnswer try_lock(ThreadSlot& slot, const LockRequest& request) noexcept;

enum class Leaving : std::uint8_t { done, abandoned };
/// Gives back what `record` says; the record is gone before the lock is free.
void give_lock(ThreadSlot& slot, LockRecord& record, Leaving how) noexcept;
/// At thread exit: whatever the thread still holds, newest first.
void give_all_locks(ThreadSlot& slot) noexcept;

}  // namespace tenon::runtime
