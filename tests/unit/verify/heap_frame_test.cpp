// SPDX-License-Identifier: Apache-2.0
// A frame of which an address has escaped lies in the heap, but for the slots that hold host pointers.
#include <gtest/gtest.h>

#include "unit/verify/prove_text.hpp"

namespace tenon::test {
namespace {

constexpr const char* kEscape = "r6 = r1; r2 = r10; r2 += -16; r3 = globals; *(u64 *)(r3 + 0) = r2; ";

TEST(HeapFrame, KeepsASpilledHostPointerPrivate) {
  EXPECT_EQ(verdict(std::string(kEscape) + "*(u64 *)(r10 - 8) = r6; r1 = *(u64 *)(r10 - 8); w0 = *(u32 *)(r1 + 0); r0 = 0; exit"), "accepted");
}

TEST(HeapFrame, DoesNotLetAPrivateSlotBeReachedThroughAnAddress) {
  // What the address reads is the heap's copy of the slot, which no store through r10 ever reaches.
  EXPECT_EQ(verdict(std::string(kEscape) + "*(u64 *)(r10 - 8) = r6; *(u64 *)(r10 - 8) = 16; r1 = r10; r1 += -8; call read; exit; "
                                           "fn read(1):; r0 = *(u64 *)(r1 + 0); exit"),
            "E0207");
}

}  // namespace
}  // namespace tenon::test
