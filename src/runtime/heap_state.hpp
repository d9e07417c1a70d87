// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

#include "abi/heap_layout.hpp"
#include "abi/invocation.hpp"
#include "runtime/os/memory.hpp"
#include "runtime/parking.hpp"
#include "runtime/runtime.hpp"
#include "runtime/thread_slot.hpp"

namespace tenon::runtime {

/// The topmost part of the window, for per-invocation stacks: one per thread and nesting level that ever ran on this heap. They count against no limit.
/// Above them, as at 0, lies a hole: small negative numbers point there.
inline constexpr std::uint64_t kStackRegionBytes = 256ull << 20;
inline constexpr std::uint64_t kTopHoleBytes = 64ull << 10;
inline constexpr std::uint32_t kMaxStacks = (kStackRegionBytes - kTopHoleBytes) / abi::kHeapStackBytes;
/// The lowest page of each stack is a hole.
inline constexpr std::uint64_t kStackUsableBytes = abi::kHeapStackBytes - abi::kPageBytes;

struct Heap::State {
  abi::HeapShape shape;
  std::uint64_t base = 0;
  std::uint64_t limit = 0;
  os::Reservation window;
  base::Fd memory;
  Parking parking;  ///< host objects that the extension keeps beyond its invocations
  std::mutex growing;
  std::atomic<std::uint64_t> granted{0};  ///< contiguous bytes from kGlobalsOffset; only grows
  std::atomic<std::uint32_t> stacks{0};   ///< opened, from the top of the window downwards
  std::array<std::atomic<std::uint64_t>, kMaxThreads * kMaxNesting> stack_tops{};  ///< 0: not opened yet

  /// Heap::grow(), in steps between which `level`, unless null, can be stopped; then 0.
  std::uint64_t grow(std::uint64_t bytes, const Level* level);
  /// Requires `growing` held, or nobody else knows the heap. Returns an errno value.
  int grant_more(std::uint64_t bytes, const Level* level);
  int open(std::uint64_t offset, std::uint64_t bytes);
  /// End of the stack of that thread and nesting level; 0 when no more can be had. Lock-free after the first time.
  std::uint64_t stack_top(std::uint32_t thread, std::size_t level) noexcept {
    const std::uint64_t known = stack_tops[thread * kMaxNesting + level].load(std::memory_order_relaxed);
    return known != 0 ? known : open_stack(thread, level);
  }
  std::uint64_t open_stack(std::uint32_t thread, std::size_t level) noexcept;
  bool in_stack(std::uint64_t offset, std::uint64_t bytes) const;
};

}  // namespace tenon::runtime
