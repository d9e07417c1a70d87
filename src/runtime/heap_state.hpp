// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "abi/heap_layout.hpp"
#include "abi/invocation.hpp"
#include "runtime/allocation/allocator.hpp"
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
/// Of these, the lowest are for cleanups: they have room also where the program has used up its own.
inline constexpr std::uint64_t kCleanupStackBytes = 16ull << 10;
inline constexpr std::uint64_t kProgramStackBytes = kStackUsableBytes - kCleanupStackBytes;

struct Heap::State {
  abi::HeapShape shape;
  std::uint64_t base = 0;
  std::uint64_t limit = 0;
  os::Reservation window;
  base::Fd memory;
  /// The page at offset 0 of `memory`, which no extension reaches, mapped by itself: how much is granted, for those who attach. With an owner: once share() was
  /// called, guarded by `growing`. In a heap that was attached: what the other process says, which is only believed as far as the window goes.
  os::Reservation shared_page;
  bool is_attached = false;
  std::atomic_ref<std::uint64_t> granted_word() const { return std::atomic_ref(*reinterpret_cast<std::uint64_t*>(shared_page.address() + 8)); }
  Parking parking;  ///< host objects that the extension keeps beyond its invocations
  std::mutex growing;
  std::atomic<std::uint64_t> granted{0};  ///< contiguous bytes from kGlobalsOffset; only grows
  std::atomic<std::uint32_t> stacks{0};   ///< opened, from the top of the window downwards
  /// What each nesting level of each thread has of this heap, once it ran on it.
  struct Home {
    std::atomic<std::uint64_t> stack_top{0};
    AllocationCache* cache = nullptr;  ///< touched by the owner of the thread slot only
  };
  std::array<Home, kMaxThreads * kMaxNesting> homes{};
  HeapOptions options;
  std::unique_ptr<Allocator> allocator;  ///< destroyed before what stands above

  Home& home(std::uint32_t thread, std::size_t level) noexcept { return homes[thread * kMaxNesting + level]; }

  /// Heap::grow(), in steps between which `level`, unless null, can be stopped; then 0.
  std::uint64_t grow(std::uint64_t bytes, const Level* level);
  /// Requires `growing` held, or nobody else knows the heap. Returns an errno value.
  int grant_more(std::uint64_t bytes, const Level* level);
  int open(std::uint64_t offset, std::uint64_t bytes);
  /// End of the stack of that thread and nesting level; 0 when no more can be had. Lock-free after the first time.
  std::uint64_t stack_top(std::uint32_t thread, std::size_t level) noexcept {
    const std::uint64_t known = home(thread, level).stack_top.load(std::memory_order_relaxed);
    return known != 0 ? known : open_stack(thread, level);
  }
  std::uint64_t open_stack(std::uint32_t thread, std::size_t level) noexcept;
  bool in_stack(std::uint64_t offset, std::uint64_t bytes) const;
};

/// While one lives, no granted page of the heap loses its access, so that host code may use memory in it that Heap::granted() allows. Without
/// effect, and without cost, unless the heap is debugged: else none ever does.
class HeapPin {
 public:
  explicit HeapPin(Heap::State& heap) noexcept : allocator_(heap.options.debug ? heap.allocator.get() : nullptr) {
    if (allocator_ != nullptr) allocator_->pin();
  }
  ~HeapPin() {
    if (allocator_ != nullptr) allocator_->unpin();
  }
  HeapPin(const HeapPin&) = delete;
  HeapPin& operator=(const HeapPin&) = delete;

 private:
  Allocator* allocator_;
};

}  // namespace tenon::runtime
