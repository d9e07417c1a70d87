// SPDX-License-Identifier: Apache-2.0
// An inner loop begins where it ended in the last round of the outer one: a nest costs its depth, not its power, and nothing is lost by it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "unit/verify/prove_text.hpp"

namespace tenon::test {
namespace {

/// `depth` loops around `body`, counters in the stack, r6 the bound of each.
std::string nest(int depth, const std::string& body) {
  std::string text;
  for (int k = 1; k <= depth; ++k) {
    text += fmt::format("r1 = 0; *(u64 *)(r10 - {0}) = r1; head{0}:; r1 = *(u64 *)(r10 - {0}); if r1 >= r6 goto end{0}; ", 8 * k);
  }
  text += body;
  for (int k = depth; k >= 1; --k) {
    text += fmt::format("; r1 = *(u64 *)(r10 - {0}); r1 += 1; *(u64 *)(r10 - {0}) = r1; goto head{0}; end{0}:", 8 * k);
  }
  return text;
}

/// Loops around a call that is analysed in its caller's context, for it is lent a stack object, and loops itself.
std::string nest_of_both(int outer, int inner) {
  return "r6 = r1; r7 = 0; *(u64 *)(r10 - 80) = r7; " + nest(outer, "r1 = r10; r1 += -80; r2 = r6; call inner") +
         "; r0 = *(u64 *)(r10 - 80); exit; " + "fn inner(2):; r6 = r2; r7 = r1; " +
         nest(inner, "r2 = *(u64 *)(r7 + 0); r2 += r1; *(u64 *)(r7 + 0) = r2") + "; r0 = 0; exit";
}

std::string proved_within(std::uint64_t max_steps, const std::string& text) {
  const auto declarations = std::make_shared<const interface::Declarations>(*interface::parse(kTestInterface, "test.tni"));
  verify::VerifyOptions options;
  options.max_steps = max_steps;
  const auto proof = verify::prove(assemble_program(text, {.hook = "number"}), declarations, options);
  return proof ? "accepted" : proof.error().front().code;
}

TEST(NestedLoops, CostTheirDepth) {
  EXPECT_EQ(proved_within(2'000, nest_of_both(1, 1)), "accepted");
  EXPECT_EQ(proved_within(60'000, nest_of_both(8, 8)), "accepted");  // one round more in each would be 2^16 times the body
}

/// The inner loop's second entry is wider than its first, and only the entry: `grow` runs in the outer loop. What the inner loop was solved with must
/// not be believed of it: not the range of r7 ...
std::string range_of_first_entry(const std::string& grow) {
  return "r6 = r1; *(u64 *)(r10 - 8) = r2; r7 = 0; r8 = 0; outer:; if r8 >= r6 goto end; r9 = 0; inner:; if r9 >= r6 goto inner_end; r1 = r7; call "
         "small; "
         "r2 = *(u64 *)(r10 - 8); if r2 > 7 goto next; r7 = r2; next:; r9 += 1; goto inner; inner_end:; " +
         grow + "; r8 += 1; goto outer; end:; r0 = 0; exit";
}

/// ... and not the fact that it lies before the end of the packet.
std::string fact_of_first_entry(const std::string& grow) {
  return "r4 = *(u64 *)(r1 + 24); r5 = *(u64 *)(r1 + 32); r6 = *(u64 *)(r1 + 16); r0 = 0; r2 = r4; r2 += 1; if r2 > r5 goto end; r7 = 0; r8 = 0; "
         "outer:; if r8 >= r6 goto end; r9 = 0; inner:; if r9 >= r6 goto inner_end; r2 = r4; r2 += r7; r3 = *(u8 *)(r2 + 0); "
         "r3 &= 63; r2 = r4; r2 += r3; r2 += 1; if r2 > r5 goto next; r7 = r3; next:; r9 += 1; goto inner; inner_end:; " +
         grow + "; r8 += 1; goto outer; end:; exit";
}

TEST(NestedLoops, WhatHeldOnTheFirstEntryIsNotBelieved) {
  EXPECT_EQ(verdict(range_of_first_entry("r7 += 0"), "number"), "accepted");
  EXPECT_EQ(verdict(range_of_first_entry("r7 += 16"), "number"), "E0224");
  EXPECT_EQ(verdict(fact_of_first_entry("r7 += 0")), "accepted");
  EXPECT_EQ(verdict(fact_of_first_entry("r7 += 16")), "E0205");
}

// Its first rounds know less than they could, so that a resumed inner loop misses the bound of r5: solved afresh it is found.
TEST(NestedLoops, AreSolvedAfreshBeforeTheyAreRefused) {
  EXPECT_EQ(verdict(R"(
    r6 = *(u64 *)(r1 + 0)
    r7 = *(u64 *)(r1 + 8)
    r8 = r7
    r8 -= r6
    w9 = *(u32 *)(r1 + 16)
    r9 &= 31
    r1 = 0
    r4 = 0
    r5 = r8
    r2 = 0
  outer:
    if r2 != r8 goto end
  inner:
    if r2 s<= r4 goto inner_end
    r0 = r6
    r0 += r2
    r0 += 4
    if r0 > r7 goto skip
    r0 = r6
    r0 += r2
    w0 = *(u32 *)(r0 + 0)
  skip:
    r0 = r5
    r0 += 6
    if r0 > r8 goto next
    r0 = r6
    r0 += r5
    w0 = *(u32 *)(r0 + 2)
    r2 &= r0
  next:
    r1 += 2
    goto inner
  inner_end:
    r0 = r5
    r0 += 2
    if r0 > r8 goto again
    r0 = r6
    r0 += r5
    w0 = *(u16 *)(r0 + 1)
    r5 = r0
  again:
    r0 = 0
    r2 += 4
    goto outer
  end:
    r0 = 0
    exit
  )",
                    "t", "struct frame { data..data_end: mem rw @0..8, n: u32 @16 r }; hook t(ctx: &frame) -> u64 default 0;"),
            "accepted");
}

}  // namespace
}  // namespace tenon::test
