// SPDX-License-Identifier: Apache-2.0
// The test assembler reads what isa::disassemble writes.
#include "support/assembler.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "isa/decode.hpp"

namespace tenon::test {
namespace {

class RoundTrip : public testing::TestWithParam<const char*> {};

TEST_P(RoundTrip, DisassemblesToItself) {
  const ir::Parts parts = assemble(GetParam());
  ASSERT_EQ(parts.insns.size(), 1u);
  EXPECT_EQ(isa::disassemble(parts.insns[0]), GetParam());
}

INSTANTIATE_TEST_SUITE_P(EveryKind, RoundTrip,
                         testing::Values("r1 += r2", "w1 += -5", "r3 -= 7", "r3 *= r4", "w3 /= 9", "r3 s/= r9", "r3 %= 4", "w3 s%= w4", "r1 |= 1",
                                         "r1 &= r1", "w7 ^= w8", "r1 <<= 3", "r1 >>= r2", "w1 s>>= 31", "r1 = r10", "w1 = w2", "r1 = -9", "w0 = 5",
                                         "r1 = -r1", "w1 = -w1", "r1 = (s8)r2", "r1 = (s32)r2", "w1 = (s16)w2", "r1 = be16 r1", "r1 = le32 r1",
                                         "r1 = bswap64 r1", "r1 = addr_space_cast(r2, 0, 1)", "r1 = 81985529216486895 ll", "r1 = globals + 8 ll",
                                         "r1 = function 2 ll", "r1 = map 0 ll", "w0 = *(u8 *)(r1 + 0)", "r0 = *(u64 *)(r1 - 8)",
                                         "r0 = *(s32 *)(r1 + 4)", "*(u16 *)(r10 - 2) = w3", "*(u64 *)(r1 + 32767) = -1",
                                         "lock *(u64 *)(r1 + 0) += r2", "lock *(u32 *)(r1 + 4) ^= w2", "r2 = atomic_fetch_or((u64 *)(r1 + 0), r2)",
                                         "w2 = atomic_fetch_and((u32 *)(r1 + 0), w2)", "r2 = xchg_64(r1 + 8, r2)", "w2 = xchg32_32(r1 + 8, w2)",
                                         "r0 = cmpxchg_64(r1 - 8, r0, r2)", "w0 = cmpxchg32_32(r1 + 0, w0, w2)", "r0 = load_acquire((u64 *)(r1 + 0))",
                                         "w0 = load_acquire((u8 *)(r1 + 1))", "store_release((u16 *)(r1 + 2), w3)", "goto 7", "if r1 == 0 goto 3",
                                         "if w1 s>= w2 goto 0", "if r1 & 4 goto 9", "if r1 <= r2 goto 1", "may_goto 4", "call 5", "call local 2",
                                         "call kfunc 77", "callx r3", "exit"));

TEST(Assembler, NamesFunctionsAndLabels) {
  const ir::Parts parts = assemble(R"(
      r1 = &leaf
    again:
      call leaf            # a function of this text
      call host
      if r0 == 0 goto again
      exit
    fn leaf:
      r0 = globals + 8
      exit
  )");
  ASSERT_EQ(parts.functions.size(), 2u);
  EXPECT_EQ(parts.functions[0].name, "main");
  EXPECT_EQ(parts.functions[1].begin, ir::InsnIdx(5));
  EXPECT_EQ(parts.functions[1].value, 0u);
  EXPECT_EQ(parts.insns[1], isa::Insn(isa::Call{isa::Call::Kind::local, 1}));
  EXPECT_EQ(parts.insns[2], isa::Insn(isa::Call{isa::Call::Kind::host, 0}));
  EXPECT_EQ(std::get<isa::Branch>(parts.insns[3]).target, 1u);
  EXPECT_EQ(parts.externs, std::vector<std::string>{"host"});
  EXPECT_EQ(parts.slots[1], 2u);  // ld_imm64 takes two
}

TEST(Assembler, RefusesWhatItDoesNotKnow) {
  EXPECT_THROW(assemble("r1 ?= 3"), std::invalid_argument);
  EXPECT_THROW(assemble("goto nowhere"), std::invalid_argument);
  EXPECT_THROW(assemble("exit exit"), std::invalid_argument);
  EXPECT_THROW(assemble("r0 = *(u24 *)(r1 + 0)"), std::invalid_argument);
}

}  // namespace
}  // namespace tenon::test
