// SPDX-License-Identifier: Apache-2.0
// Who waits for a lock, in order of arrival. Host-private, by the address of the lock: nothing is read from the heap (soundness.md, rule 21). Only the first of
// each lock's queue tries the word; the others wait at a place of their own, so that the word is not fought over. Each process has its own queues; the
// first ones of several processes compete.
#pragma once

#include <atomic>
#include <cstdint>

namespace tenon::runtime {

/// A place in the queue of the lock at `address`, from construction until leave() or destruction.
class QueuePlace {
 public:
  explicit QueuePlace(std::uint64_t address) noexcept;
  ~QueuePlace() { leave(); }
  QueuePlace(const QueuePlace&) = delete;
  QueuePlace& operator=(const QueuePlace&) = delete;

  bool is_first() const noexcept { return first_.load(std::memory_order_acquire); }
  /// The next one becomes the first; when there is none, the word in the heap stops saying that somebody waits.
  void leave() noexcept;

 private:
  const std::uint64_t address_;
  std::atomic<bool> first_{false};
  bool left_ = false;
  QueuePlace* next_ = nullptr;  // in its bucket, under the bucket's lock
};

}  // namespace tenon::runtime
