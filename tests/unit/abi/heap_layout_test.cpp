// SPDX-License-Identifier: Apache-2.0
#include "abi/heap_layout.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace tenon::abi {
namespace {

TEST(HeapLayout, SmallHeapsOwnAWholeWindow) {
  for (const std::uint64_t bytes : {kMinHeapBytes, std::uint64_t{1} << 20, kWindow32Bytes}) EXPECT_EQ(shape_for(bytes), (HeapShape{HeapForm::window32, kWindow32Bytes}));
}

TEST(HeapLayout, LargeHeapsGetTheNextPowerOfTwo) {
  EXPECT_EQ(shape_for(kWindow32Bytes + 1), (HeapShape{HeapForm::mask, 2 * kWindow32Bytes}));
  EXPECT_EQ(shape_for(3 * kWindow32Bytes), (HeapShape{HeapForm::mask, 4 * kWindow32Bytes}));
  EXPECT_EQ(shape_for(kMaxHeapBytes), (HeapShape{HeapForm::mask, kMaxHeapBytes}));
}

/// Rule 1: whatever a guarded access adds to an address in the window, it stays inside window and bands.
TEST(HeapLayout, BandsCoverEveryOffsetAndWidth) {
  constexpr std::int64_t window = kWindow32Bytes;
  for (const std::int64_t address : {std::int64_t{0}, window - 1}) {
    for (const std::int64_t offset : {std::int64_t{std::numeric_limits<std::int16_t>::min()}, std::int64_t{std::numeric_limits<std::int16_t>::max()}}) {
      for (const std::int64_t width : {1, 8}) {
        EXPECT_GE(address + offset, -static_cast<std::int64_t>(kGuardBelowBytes));
        EXPECT_LE(address + offset + width, window + static_cast<std::int64_t>(kGuardAboveBytes));
      }
    }
  }
}

}  // namespace
}  // namespace tenon::abi
