// SPDX-License-Identifier: Apache-2.0
// The locks of <tn/lock.h> for the host: threads of this process and other processes that map the heap take part in what extensions lock.
//
// What such a lock protects is the extension's memory. A hostile extension may ignore its own locks and write over them: holding one is no promise about
// what stands there, so fetch once, check, then use. It is a promise that the wait ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <source_location>
#include <utility>

#include <tenon/engine.hpp>
#include <tenon/shared_heap.hpp>

namespace tenon {

enum class HeapLockMode : std::uint8_t {
  spin,   ///< struct tn_spinlock
  read,   ///< struct tn_rwlock
  write,  ///< struct tn_rwlock
};

/// Why a lock was not taken.
enum class HeapLockRefusal : std::uint8_t {
  timeout,
  deadlock,    ///< this thread has it already, or waits in a circle with threads that wait for each other
  no_lock,     ///< the address lies outside what the heap was granted, or is not aligned to 8 bytes
  too_many,    ///< this thread holds 32 locks
  unavailable  ///< the thread cannot be registered: too many threads, or the child of a fork
};

/// A lock that is held; unlocks when it goes. Movable, on the thread that took it: no other thread may unlock it. What a thread still holds when it
/// exits is unlocked, what a process holds when it dies is taken over by who waits.
class HeapLock {
 public:
  using Taken = std::expected<HeapLock, HeapLockRefusal>;

  /// Waits at most `patience` for the lock at `lock`, a pointer as the extension has it. While it waits it spins, then lets other threads run.
  /// `where` is what a deadlock names. Thread-safe. Signal-safe: no.
  static Taken try_lock_for(const Extension& extension, std::uint64_t lock, std::chrono::nanoseconds patience, HeapLockMode mode = HeapLockMode::spin,
                            std::source_location where = std::source_location::current());
  static Taken try_lock_for(const SharedHeap& heap, std::uint64_t lock, std::chrono::nanoseconds patience, HeapLockMode mode = HeapLockMode::spin,
                            std::source_location where = std::source_location::current());
  /// The same for a process that has mapped the heap by itself. Requires: 8 bytes at `lock` (spin) or 128 (read, write) are mapped until it is unlocked, and
  /// all processes that use the heap share one pid namespace.
  static Taken try_lock_for(void* lock, std::chrono::nanoseconds patience, HeapLockMode mode = HeapLockMode::spin,
                            std::source_location where = std::source_location::current());

  HeapLock(HeapLock&& other) noexcept
      : keeps_(std::move(other.keeps_)), address_(std::exchange(other.address_, 0)), abandoned_(other.abandoned_) {}
  HeapLock& operator=(HeapLock&& other) noexcept {
    if (this == &other) return *this;
    unlock();
    keeps_ = std::move(other.keeps_);
    address_ = std::exchange(other.address_, 0);
    abandoned_ = other.abandoned_;
    return *this;
  }
  ~HeapLock() { unlock(); }

  void unlock() noexcept;
  /// The holder before was stopped, or died, while it held the lock: what it protects may be half changed.
  bool abandoned() const noexcept { return abandoned_; }

 private:
  static Taken take_in(const std::shared_ptr<runtime::Heap>& heap, std::uint64_t lock, std::chrono::nanoseconds patience, HeapLockMode mode,
                       const std::source_location& where);
  HeapLock(std::shared_ptr<const void> keeps, std::uint64_t address, bool abandoned)
      : keeps_(std::move(keeps)), address_(address), abandoned_(abandoned) {}
  static Taken take(std::shared_ptr<const void> keeps, std::uint64_t address, std::chrono::nanoseconds patience, HeapLockMode mode,
                    const std::source_location& where);

  std::shared_ptr<const void> keeps_;  // the heap
  std::uint64_t address_ = 0;          // 0: not held
  bool abandoned_ = false;
};

}  // namespace tenon
