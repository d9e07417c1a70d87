// SPDX-License-Identifier: Apache-2.0
// Which accesses get a guard, which an alignment check, and that the counts say so.
#include "instrument/guarded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/assembler.hpp"
#include "support/sandbox.hpp"

namespace tenon::test {
namespace {

using instrument::Guard;
using instrument::GuardCounts;

constexpr const char* kInterface =
    "struct packet { n: u32 @0 r, data..data_end: mem rw @8..16 }; hook t(packet: &packet) -> u64 default 0;";

instrument::Guarded guard(std::string_view text, std::string_view interface_text = "hook t(a: u64, b: u64) -> u64 default 0;") {
  return Sandbox(interface_text).guard(assemble_program(text, {.globals = std::vector<std::byte>(64)}));
}

TEST(GuardTest, EveryUnprovedAccessIsGuarded) {
  const auto guarded = guard("r0 = *(u64 *)(r1 + 0); *(u32 *)(r2 + 4) = w0; exit");
  EXPECT_EQ(guarded.guard(ir::InsnIdx(0)), Guard::window);
  EXPECT_EQ(guarded.guard(ir::InsnIdx(1)), Guard::window);
  EXPECT_EQ(guarded.counts(), (GuardCounts{2, 0, 2}));
}

TEST(GuardTest, PerformanceModeLeavesOutReadsAndNothingElse) {
  const struct { const char* text; Guard expected; } cases[] = {
      {"r0 = *(u64 *)(r1 + 0); exit", Guard::left_out},
      {"r0 = *(s8 *)(r1 + 0); exit", Guard::left_out},
      {"r0 = load_acquire((u64 *)(r1 + 0)); exit", Guard::left_out},
      {"r0 = 0; *(u64 *)(r1 + 0) = r0; exit", Guard::window},
      {"r0 = 0; *(u8 *)(r1 + 0) = 1; exit", Guard::window},
      {"r0 = 0; store_release((u64 *)(r1 + 0), r0); exit", Guard::window},
      {"r0 = 0; lock *(u64 *)(r1 + 0) += r0; exit", Guard::window},
      {"r0 = 0; r0 = cmpxchg_64(r1 + 0, r0, r2); exit", Guard::window},
  };
  for (const auto& one : cases) {
    Sandbox sandbox("hook t(a: u64, b: u64) -> u64 default 0;");
    const auto guarded = sandbox.guard(assemble_program(one.text, {.globals = std::vector<std::byte>(64)}), instrument::Reads::unguarded);
    const ir::InsnIdx access(guarded.program().insns().size() - 2);
    EXPECT_EQ(guarded.guard(access), one.expected) << one.text;
    EXPECT_EQ(guarded.counts().left_out, one.expected == Guard::left_out ? 1u : 0u) << one.text;
    EXPECT_EQ(guarded.counts().emitted, one.expected == Guard::window ? 1u : 0u) << one.text;
  }
}

TEST(GuardTest, AnEarlierAccessIsNoReasonToDropAGuard) {
  const auto guarded = guard("r0 = *(u64 *)(r1 + 0); r0 = *(u64 *)(r1 + 0); exit");
  EXPECT_EQ(guarded.guard(ir::InsnIdx(1)), Guard::window);
}

TEST(GuardTest, GlobalsNeedNoGuard) {
  const struct { const char* text; Guard expected; } cases[] = {
      {"r1 = globals + 0; r0 = *(u64 *)(r1 + 56); exit", Guard::none},
      {"r1 = globals + 0; r0 = *(u64 *)(r1 + 57); exit", Guard::window},   // one byte beyond
      {"r1 = globals + 0; r0 = *(u64 *)(r1 - 1); exit", Guard::window},    // one byte before
      {"r1 &= 63; r3 = globals; r3 += r1; r0 = *(u8 *)(r3 + 0); exit", Guard::none},
      {"r1 &= 63; r3 = globals; r3 += r1; r0 = *(u16 *)(r3 + 0); exit", Guard::window},
      {"r3 = globals; r3 += r1; r0 = *(u8 *)(r3 + 0); exit", Guard::window},
  };
  for (const auto& one : cases) {
    const auto guarded = guard(one.text);
    const ir::InsnIdx access(guarded.program().insns().size() - 2);
    EXPECT_EQ(guarded.guard(access), one.expected) << one.text;
    EXPECT_EQ(guarded.counts().heap_accesses, 1u) << one.text;
    EXPECT_EQ(guarded.counts().elided, one.expected == Guard::none ? 1u : 0u) << one.text;
  }
}

TEST(GuardTest, MemoryOfTheHostAndTheStackIsNotCounted) {
  const auto guarded = guard(
      "*(u64 *)(r10 - 8) = 1; r2 = *(u64 *)(r1 + 8); r3 = *(u64 *)(r1 + 16); r4 = r2; r4 += 8; r0 = 0; if r4 > r3 goto end; r0 = *(u64 *)(r2 + 0); end:; exit",
      kInterface);
  EXPECT_EQ(guarded.counts(), GuardCounts{});
}

TEST(GuardTest, AtomicsAreCheckedForAlignmentUnlessProved) {
  const struct { const char* text; bool expected; } cases[] = {
      {"r2 = 1; lock *(u64 *)(r1 + 0) += r2; r0 = 0; exit", true},
      {"r2 = 1; r1 = globals; lock *(u64 *)(r1 + 8) += r2; r0 = 0; exit", false},
      {"r2 = 1; r1 = globals; lock *(u64 *)(r1 + 4) += r2; r0 = 0; exit", true},
      {"*(u64 *)(r10 - 8) = 0; r2 = 1; lock *(u64 *)(r10 - 8) += r2; r0 = 0; exit", false},
  };
  for (const auto& one : cases) {
    const auto guarded = guard(one.text);
    const ir::InsnIdx access(guarded.program().insns().size() - 3);
    EXPECT_EQ(guarded.check_alignment(access), one.expected) << one.text;
  }
}

TEST(GuardTest, CodeThatNeverRunsHasNoGuards) {
  const auto guarded = guard("r3 = 1; if r3 == 1 goto end; r0 = *(u64 *)(r1 + 0); end:; r0 = 0; exit");
  EXPECT_EQ(guarded.counts(), GuardCounts{});
  EXPECT_THAT(to_text(guarded), testing::HasSubstr("never executed"));
}

TEST(GuardTest, PrinterNamesWhatKeepsEachAccessInside) {
  const auto guarded = guard("r3 = globals + 8; r0 = *(u64 *)(r3 + 0); *(u64 *)(r10 - 8) = r0; r2 = 1; lock *(u64 *)(r1 + 0) += r2; exit");
  EXPECT_EQ(to_text(guarded),
            "guarded main (hook t): 2 heap accesses, 1 guarded, 1 without a guard\n"
            "\n"
            "function main: frame 8 bytes\n"
            "     0  r3 = .data + 8 ll\n"
            "     2  r0 = *(u64 *)(r3 + 0)    ; heap, inside the globals\n"
            "     3  *(u64 *)(r10 - 8) = r0    ; stack\n"
            "     4  r2 = 1\n"
            "     5  lock *(u64 *)(r1 + 0) += r2    ; heap, guarded, alignment checked\n"
            "     6  exit\n");
}

}  // namespace
}  // namespace tenon::test
