// SPDX-License-Identifier: Apache-2.0
#include "base/bits.hpp"

#include <gtest/gtest.h>

namespace tenon::base {
namespace {

TEST(Bits, FillRight) {
  EXPECT_EQ(fill_right(0), 0u);
  for (unsigned bit = 0; bit < 64; ++bit) {
    const std::uint64_t high = 1ull << bit, all = high | (high - 1);
    EXPECT_EQ(fill_right(high), all);
    EXPECT_EQ(fill_right(all), all);
    std::uint64_t smeared = high | (high >> 3);  // as the proofs in tests/z3 compute it
    for (const unsigned step : {1u, 2u, 4u, 8u, 16u, 32u}) smeared |= smeared >> step;
    EXPECT_EQ(smeared, all);
  }
}

}  // namespace
}  // namespace tenon::base
