// SPDX-License-Identifier: Apache-2.0
// A pointer that many threads follow without a lock while one exchanges it: hazard pointers (Michael, IEEE TPDS 15/6, 2004), with the barrier on the
// side of the one that exchanges (membarrier).
#pragma once

#include <atomic>
#include <cstdint>

#include "runtime/entry.hpp"
#include "runtime/thread_slot.hpp"

namespace tenon::runtime {

/// Whether the calling thread can have another Hazard: it is registered, and does not nest too deep.
inline bool has_hazard() noexcept {
  const ThreadSlot* const slot = tenon_thread_slot;
  return slot != nullptr && slot->hazards_used < kMaxHazards;
}

/// What `from` pointed to when this began; not to be freed while is_used() says so. One after the other ends in reverse order, as calls do.
/// Requires: has_hazard(). Cost: about a nanosecond. Signal-safe: no.
template <class T>
class Hazard {
 public:
  explicit Hazard(const std::atomic<const T*>& from) noexcept : slot_(*tenon_thread_slot), place_(slot_.hazards[slot_.hazards_used++]) {
    const T* seen = from.load(std::memory_order_relaxed);
    do {
      pointer_ = seen;
      place_.store(seen, std::memory_order_relaxed);
      std::atomic_signal_fence(std::memory_order_seq_cst);  // is_used() brings the rest of the barrier
      seen = from.load(std::memory_order_acquire);
    } while (seen != pointer_);
  }
  ~Hazard() {
    place_.store(nullptr, std::memory_order_release);
    --slot_.hazards_used;
  }
  Hazard(const Hazard&) = delete;
  Hazard& operator=(const Hazard&) = delete;

  const T* get() const noexcept { return pointer_; }

 private:
  ThreadSlot& slot_;
  std::atomic<const void*>& place_;
  const T* pointer_ = nullptr;
};

/// Whether a Hazard that began before `pointer` was exchanged still lives, or something of `control` runs that began before. Issues the barrier.
bool is_used(const void* pointer, const Control& control, Whose whose) noexcept;

}  // namespace tenon::runtime
