// SPDX-License-Identifier: Apache-2.0
// The blocks that one nesting level of one thread slot has at hand, and the two functions that nearly every malloc and free is: plain loads and stores of
// the owner, no lock. The next thread that gets the slot inherits it.
#pragma once

#include <array>
#include <cstdint>

#include "runtime/allocation/tables.hpp"

namespace tenon::runtime {

class Allocator;

struct AllocationCache {
  struct Bin {
    std::uint32_t count = 0, capacity = 0;
    Block* blocks = nullptr;  ///< the last one freed is the first one handed out
  };
  std::atomic<std::uint8_t>* allocated = nullptr;          ///< of the Tables, as the next two
  const std::atomic<std::uint64_t>* page_info = nullptr;
  std::uint64_t granules = 0;
  std::uint64_t base = 0, window_mask = 0;
  std::array<Bin, kSizeClasses + 1> bins;

  /// A block of that class, or 0: none at hand.
  std::uint64_t pop(std::uint8_t size_class) noexcept {
    Bin& bin = bins[size_class];
    if (bin.count == 0) [[unlikely]] return 0;
    const Block block = bin.blocks[--bin.count];
    allocated[block.slot()].store(1, std::memory_order_relaxed);
    return base + std::uint64_t{block.granule()} * kGranuleBytes;
  }

  /// True when `pointer` was a small block and is here now. Any value may come: what is no multiple of the block's size from the begin of its span, lies in
  /// no span, or is not allocated, stops here.
  bool push(std::uint64_t pointer) noexcept {
    const std::uint64_t offset = pointer & window_mask, granule = offset / kGranuleBytes;
    if (offset % kGranuleBytes != 0 || granule >= granules) [[unlikely]] return false;
    const PageInfo info = PageInfo::of(page_info[granule / kGranulesPerPage].load(std::memory_order_relaxed));
    if (static_cast<std::uint8_t>(info.size_class - 1) >= kSizeClasses) [[unlikely]] return false;
    const std::uint32_t distance = info.page_in_span * kGranulesPerPage + granule % kGranulesPerPage;
    const auto number = static_cast<std::uint32_t>(distance * kClassInverse[info.size_class] >> 32);
    Bin& bin = bins[info.size_class];
    if (number * kClassGranules[info.size_class] != distance || bin.count == bin.capacity) [[unlikely]] return false;
    const std::uint32_t slot = info.first_slot + number;
    std::atomic<std::uint8_t>& is_allocated = allocated[slot];
    if (is_allocated.load(std::memory_order_relaxed) == 0) [[unlikely]] return false;
    is_allocated.store(0, std::memory_order_relaxed);
    bin.blocks[bin.count++] = {static_cast<std::uint32_t>(granule), slot};
    return true;
  }
};

}  // namespace tenon::runtime
