// SPDX-License-Identifier: Apache-2.0
#include "runtime/os/time_slice.hpp"

#include <features.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstddef>

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 35)
#include <sys/rseq.h>
#define TENON_HAS_RSEQ 1
#endif

namespace tenon::runtime::os {

namespace {
// include/uapi/linux/prctl.h and include/uapi/asm-generic/unistd.h of Linux 7.0; the headers this is built with may be older.
constexpr int kPrctlSliceExtension = 79;
constexpr unsigned long kPrctlSet = 2, kPrctlEnable = 1;
constexpr long kSysSliceYield = 471;
constexpr std::size_t kControlOffset = 28;  // struct rseq: cpu_id_start, cpu_id, rseq_cs (8 bytes), flags, node_id, mm_cid, slice_ctrl
}  // namespace

#ifdef TENON_HAS_RSEQ

SliceControl* enable_slice_extension() noexcept {
  if (__rseq_size == 0 || ::prctl(kPrctlSliceExtension, kPrctlSet, kPrctlEnable, 0UL, 0UL) != 0) return nullptr;
  auto* const area = static_cast<std::byte*>(__builtin_thread_pointer()) + __rseq_offset;
  return reinterpret_cast<SliceControl*>(area + kControlOffset);
}

#else

SliceControl* enable_slice_extension() noexcept { return nullptr; }

#endif

void yield_extended_slice() noexcept { ::syscall(kSysSliceYield); }

}  // namespace tenon::runtime::os
