// SPDX-License-Identifier: Apache-2.0
// Which sizes of blocks there are: multiples of 16 bytes, four to each doubling, so that a block is at most a quarter larger than what was asked for
// (beyond 64 bytes). Larger requests get whole pages.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "abi/heap_layout.hpp"

namespace tenon::runtime {

/// Every block begins at a multiple of this; a heap of 64 GiB has 2^32 of them, so that the number of one fits 32 bits.
inline constexpr std::uint32_t kGranuleBytes = 16;
inline constexpr std::uint32_t kGranulesPerPage = abi::kPageBytes / kGranuleBytes;
static_assert(abi::kMaxHeapBytes / kGranuleBytes - 1 <= 0xffffffff);

inline constexpr std::uint32_t kMaxSmallBytes = 32u << 10;
/// Classes are numbered from 1.
inline constexpr std::uint8_t kSizeClasses = 8 + 4 * 8;

inline constexpr auto kClassBytes = [] {
  std::array<std::uint32_t, kSizeClasses + 1> bytes{};
  std::uint32_t step = kGranuleBytes;
  for (std::uint32_t i = 1; i <= kSizeClasses; ++i) {
    bytes[i] = bytes[i - 1] + step;
    if (bytes[i] >= 128 && (bytes[i] & (bytes[i] - 1)) == 0) step = bytes[i] / 4;
  }
  return bytes;
}();
static_assert(kClassBytes[1] == 16 && kClassBytes[8] == 128 && kClassBytes[9] == 160 && kClassBytes[kSizeClasses] == kMaxSmallBytes);

namespace detail {
inline constexpr auto kClassOfGranules = [] {
  std::array<std::uint8_t, kMaxSmallBytes / kGranuleBytes + 1> classes{};
  std::uint8_t at = 1;
  for (std::uint32_t granules = 0; granules < classes.size(); ++granules) {
    if (granules * kGranuleBytes > kClassBytes[at]) ++at;
    classes[granules] = at;
  }
  return classes;
}();
}  // namespace detail

/// The smallest class with room for `bytes`. Requires: bytes <= kMaxSmallBytes.
constexpr std::uint8_t class_of(std::uint64_t bytes) { return detail::kClassOfGranules[(bytes + kGranuleBytes - 1) / kGranuleBytes]; }

/// A block in granules, and how to divide by that: number = distance * inverse >> 32, exact within a span.
inline constexpr auto kClassGranules = [] {
  std::array<std::uint32_t, kSizeClasses + 1> granules{};
  for (std::uint32_t i = 1; i <= kSizeClasses; ++i) granules[i] = kClassBytes[i] / kGranuleBytes;
  return granules;
}();
inline constexpr auto kClassInverse = [] {
  std::array<std::uint64_t, kSizeClasses + 1> inverse{};
  for (std::uint32_t i = 1; i <= kSizeClasses; ++i) inverse[i] = ((1ull << 32) + kClassGranules[i] - 1) / kClassGranules[i];
  return inverse;
}();

/// How many pages are cut into blocks of a class at once: at least 16 KiB and eight blocks, with at most a sixteenth left over.
inline constexpr auto kSpanPages = [] {
  std::array<std::uint32_t, kSizeClasses + 1> pages{};
  for (std::uint32_t i = 1; i <= kSizeClasses; ++i) {
    std::uint32_t n = 4;
    while (n * abi::kPageBytes < 8 * kClassBytes[i] || n * abi::kPageBytes % kClassBytes[i] > n * abi::kPageBytes / 16) ++n;
    pages[i] = n;
  }
  return pages;
}();

}  // namespace tenon::runtime
