// SPDX-License-Identifier: Apache-2.0
#include "runtime/lock_queue.hpp"

#include <array>
#include <mutex>

#include "runtime/lock_word.hpp"

namespace tenon::runtime {

namespace {

/// Places of all locks that share the bucket, oldest first. Its mutex is held for a few instructions, by threads in state host, which nothing interrupts.
struct Bucket {
  std::mutex mutex;
  QueuePlace* oldest = nullptr;
};

std::array<Bucket, 256> buckets;

Bucket& bucket_of(std::uint64_t address) { return buckets[(address >> 3) * 0x9e3779b97f4a7c15ull >> 56]; }

}  // namespace

QueuePlace::QueuePlace(std::uint64_t address) noexcept : address_(address) {
  Bucket& bucket = bucket_of(address);
  const std::lock_guard lock(bucket.mutex);
  bool first = true;
  QueuePlace* last = nullptr;
  for (QueuePlace* place = bucket.oldest; place != nullptr; place = place->next_) {
    first = first && place->address_ != address;
    last = place;
  }
  (last == nullptr ? bucket.oldest : last->next_) = this;
  first_.store(first, std::memory_order_relaxed);
}

void QueuePlace::leave() noexcept {
  if (left_) return;
  left_ = true;
  Bucket& bucket = bucket_of(address_);
  const std::lock_guard lock(bucket.mutex);
  QueuePlace* before = nullptr;
  for (QueuePlace* place = bucket.oldest; place != this; place = place->next_) before = place;
  if (before == nullptr) {
    bucket.oldest = next_;
  } else {
    before->next_ = next_;
  }
  if (!is_first()) return;
  for (QueuePlace* place = next_; place != nullptr; place = place->next_) {
    if (place->address_ == address_) return place->first_.store(true, std::memory_order_release);
  }
  std::atomic_ref(*reinterpret_cast<std::uint64_t*>(address_)).fetch_and(~kLockQueued, std::memory_order_relaxed);
}

}  // namespace tenon::runtime
