// SPDX-License-Identifier: Apache-2.0
#include <tenon/heap_lock.hpp>

#include <algorithm>
#include <limits>

#include "base/bug.hpp"
#include "engine/state.hpp"
#include "runtime/entry.hpp"
#include "runtime/heap_locks.hpp"
#include "runtime/os/threads.hpp"
#include "runtime/process.hpp"

namespace tenon {

namespace {

runtime::LockMode mode_of(HeapLockMode mode) {
  switch (mode) {
    case HeapLockMode::spin: return runtime::LockMode::spin;
    case HeapLockMode::read: return runtime::LockMode::read;
    case HeapLockMode::write: return runtime::LockMode::write;
  }
  base::bug("no such mode of a lock");
}

HeapLockRefusal refusal_of(runtime::LockResult result) {
  switch (result) {
    case runtime::LockResult::busy: return HeapLockRefusal::timeout;
    case runtime::LockResult::deadlock: return HeapLockRefusal::deadlock;
    case runtime::LockResult::too_many: return HeapLockRefusal::too_many;
    case runtime::LockResult::ended:
    case runtime::LockResult::taken: break;
  }
  base::bug("a host thread's wait for a lock ended like an invocation's");
}

/// 0 stands for "none", so the deadline of a wait that is over before it began is 1. A century away is as good as never.
std::uint64_t deadline_after(std::chrono::nanoseconds patience) {
  constexpr std::chrono::nanoseconds kMost = std::chrono::hours(24 * 365 * 100);
  const auto wait = static_cast<std::uint64_t>(std::clamp(patience, std::chrono::nanoseconds(0), kMost).count());
  return wait == 0 ? 1 : runtime::os::read_clock_ns(CLOCK_MONOTONIC) + wait;
}

}  // namespace

HeapLock::Taken HeapLock::take(std::shared_ptr<const void> keeps, std::uint64_t address, std::chrono::nanoseconds patience, HeapLockMode mode,
                               const std::source_location& where) {
  if (!runtime::set_up_process()) return std::unexpected(HeapLockRefusal::unavailable);
  runtime::ThreadSlot* const slot = runtime::this_thread_slot();
  if (slot == nullptr) return std::unexpected(HeapLockRefusal::unavailable);
  const runtime::LockRequest request{address, mode_of(mode), {where.file_name(), where.line(), 0}};
  const runtime::LockAnswer answer = runtime::take_lock(*slot, request, {nullptr, deadline_after(patience)});
  if (answer.result != runtime::LockResult::taken) return std::unexpected(refusal_of(answer.result));
  return HeapLock(std::move(keeps), address, answer.abandoned);
}

HeapLock::Taken HeapLock::try_lock_for(const Extension& extension, std::uint64_t lock, std::chrono::nanoseconds patience, HeapLockMode mode,
                                       std::source_location where) {
  return take_in(extension.state_->heap, lock, patience, mode, where);
}

HeapLock::Taken HeapLock::try_lock_for(const SharedHeap& heap, std::uint64_t lock, std::chrono::nanoseconds patience, HeapLockMode mode,
                                       std::source_location where) {
  return take_in(heap.heap_, lock, patience, mode, where);
}

HeapLock::Taken HeapLock::take_in(const std::shared_ptr<runtime::Heap>& heap, std::uint64_t lock, std::chrono::nanoseconds patience, HeapLockMode mode,
                                  const std::source_location& where) {
  const std::uint64_t address = heap->base() + (lock & (heap->shape().window_bytes - 1));
  if (address % runtime::kLockWordBytes != 0 || !heap->granted(address, runtime::lock_bytes(mode_of(mode)))) {
    return std::unexpected(HeapLockRefusal::no_lock);
  }
  return take(heap, address, patience, mode, where);
}

HeapLock::Taken HeapLock::try_lock_for(void* lock, std::chrono::nanoseconds patience, HeapLockMode mode, std::source_location where) {
  const auto address = reinterpret_cast<std::uint64_t>(lock);
  if (address == 0 || address % runtime::kLockWordBytes != 0) return std::unexpected(HeapLockRefusal::no_lock);
  return take(nullptr, address, patience, mode, where);
}

void HeapLock::unlock() noexcept {
  if (address_ == 0) return;
  runtime::ThreadSlot* const slot = runtime::tenon_thread_slot;
  if (slot != nullptr) {  // null: the child of a fork, where nothing is held, or a thread that is exiting and has given everything back
    runtime::LockRecord* const record = slot->locks.find(address_);
    base::ensure(record != nullptr, "a HeapLock is unlocked by a thread that does not hold it");
    runtime::give_lock(*slot, *record, runtime::Leaving::done);
  }
  address_ = 0;
  keeps_.reset();
}

}  // namespace tenon
