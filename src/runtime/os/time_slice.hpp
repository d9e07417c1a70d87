// SPDX-License-Identifier: Apache-2.0
// Time-slice extension through rseq (Linux 7.0 and newer): a thread that holds a lock asks the scheduler for some more microseconds instead of being
// preempted with it. A hint: where the kernel does not offer it, everything works as before, only that a holder may be preempted.
#pragma once

#include <atomic>
#include <cstdint>

namespace tenon::runtime::os {

/// The `request` and `granted` bytes of struct rseq's slice_ctrl (include/uapi/linux/rseq.h).
struct SliceControl {
  std::atomic<std::uint8_t> request;
  std::atomic<std::uint8_t> granted;
};

/// Enables it for the calling thread; null when kernel or libc do not offer it.
SliceControl* enable_slice_extension() noexcept;

/// Gives the processor back after the kernel granted an extension.
void yield_extended_slice() noexcept;

/// Around a critical section; `control` may be null. `yield` is a parameter for the tests.
inline void begin_slice_extension(SliceControl* control) noexcept {
  if (control != nullptr) control->request.store(1, std::memory_order_relaxed);
}
inline void end_slice_extension(SliceControl* control, void (*yield)() noexcept = yield_extended_slice) noexcept {
  if (control == nullptr) return;
  control->request.store(0, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);  // the kernel writes `granted` on this very thread
  if (control->granted.load(std::memory_order_relaxed) != 0) yield();
}

}  // namespace tenon::runtime::os
