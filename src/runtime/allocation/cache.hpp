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
    std::uint32_t* blocks = nullptr;  ///< granule numbers; the last one freed is the first one handed out
  };
  std::atomic<std::uint8_t>* states = nullptr;  ///< Tables::states
  std::uint64_t granules = 0;
  std::uint64_t base = 0, window_mask = 0;
  std::array<Bin, kSizeClasses + 1> bins;

  /// A block of that class, or 0: none at hand.
  std::uint64_t pop(std::uint8_t size_class) noexcept {
    Bin& bin = bins[size_class];
    if (bin.count == 0) [[unlikely]] return 0;
    const std::uint32_t block = bin.blocks[--bin.count];
    states[block].store(size_class, std::memory_order_relaxed);
    return base + std::uint64_t{block} * kGranuleBytes;
  }

  /// True when `pointer` was a small block and is here now. Any value may come.
  bool push(std::uint64_t pointer) noexcept {
    const std::uint64_t offset = pointer & window_mask, granule = offset / kGranuleBytes;
    if (offset % kGranuleBytes != 0 || granule >= granules) [[unlikely]] return false;
    const std::uint8_t size_class = states[granule].load(std::memory_order_relaxed);
    if (static_cast<std::uint8_t>(size_class - 1) >= kSizeClasses) [[unlikely]] return false;
    Bin& bin = bins[size_class];
    if (bin.count == bin.capacity) [[unlikely]] return false;
    states[granule].store(0, std::memory_order_relaxed);
    bin.blocks[bin.count++] = static_cast<std::uint32_t>(granule);
    return true;
  }
};

}  // namespace tenon::runtime
