// SPDX-License-Identifier: Apache-2.0
// What the verifier must not believe of a callee, of memory that looks like other memory, of half a comparison: each program would be accepted by a
// verifier that lacks one statement (tools/verifier_mutants.py).
#include <gtest/gtest.h>

#include "unit/verify/prove_text.hpp"

namespace tenon::test {
namespace {

constexpr std::string_view kInterface = R"(
struct packet { n: u32 @0 r, m: u32 @4 r, first: u64 @8 r };
type token rc drop=put;
type clock plain locks {lock: spin};
hook t(ctx: &packet) -> u64 default 0;
hook narrow(a: u64) -> u32 in 0..4 default 0;
fn need() -> own token<'t>;
fn put(t: own token<'t>);
fn name(t: &token<'t>) -> mem(u8|8) r of 't;
fn clock() -> &clock<'c>;
fn face(c: &clock<'c>) -> mem(u8|8) r of 'c;
fn fixed() -> mem(u8|8) r;
fn fill(p: mem(u8|n) uninit, n: u32);
fn small(n: u64 in 0..7);
type record linear drop=record_drop;
fn record_new() -> own record<'r> mem(u8|16) rw;
fn record_drop(r: own record<'r>);
mode reading;
fn read_begin() enters reading;
fn read_end() exits reading;
fn sized(n: u32) -> mem(u8|n) r;
maps tables { hash, array };
maps queues { queue };
fn pick(m: map<tables> K->V, key: mem(K) r) -> u64;
fn pick(m: map<queues> K->V, key: mem(K) r) -> u64;
fn look(m: map K->V, key: mem(K) r) -> ?mem(V) rw;
)";

std::string verdict_of(std::string_view text, const std::string& hook = "t") { return verdict(text, hook, kInterface); }

TEST(Callee, ItsStackIsGoneWhenItHasReturned) {
  EXPECT_EQ(
      verdict_of("call g; r1 = r0; r2 = 0; *(u8 *)(r1 + 0) = r2; r0 = 0; exit; "
                 "fn g(1):; r2 = *(u32 *)(r1 + 0); r0 = r10; r0 += -8; r3 = 0; *(u64 *)(r10 - 8) = r3; if r2 == 0 goto out; r0 = 5; out:; exit"),
      "E0202");
}

TEST(Callee, AFunctionOfNoResultLeavesNone) {
  const auto with_result = [](bool returns_value) {
    ir::Parts parts =
        assemble("r6 = r1; call g; exit; fn g(1):; r2 = *(u32 *)(r1 + 0); r0 = 3; exit", {.hook = "t", .globals = std::vector<std::byte>(64)});
    parts.functions[1].returns_value = returns_value;
    return verdict(*ir::link(std::move(parts)), kInterface);
  };
  EXPECT_EQ(with_result(true), "accepted");
  EXPECT_EQ(with_result(false), "E0201");
}

TEST(Callee, EveryPathsResultCounts) {
  // The paths end with different borrowed memory at hand, so they stay apart up to the end of the callee.
  for (const char* results : {"1 9", "9 1"}) {
    const char one = results[0], other = results[2];
    const std::string callee = std::string("fn g(1):; r7 = r1; call clock; r6 = r0; if r7 == 0 goto second; r1 = r6; call face; r8 = r0; r0 = ") +
                               one + "; exit; second:; r0 = " + other + "; exit";
    EXPECT_EQ(verdict_of("call g; exit; " + callee, "narrow"), "E0221") << results;
  }
}

TEST(Memory, WhatLooksAlikeMayBelongToAnother) {
  constexpr std::string_view kTwo =
      "call need; r6 = r0; call need; r7 = r0; r1 = r6; call name; r8 = r0; r1 = r7; call name; r9 = r0; r1 = r7; call put; ";
  EXPECT_EQ(verdict_of(std::string(kTwo) + "r0 = *(u8 *)(r9 + 0); r1 = r6; call put; r0 = 0; exit"), "E0309");
  EXPECT_EQ(verdict_of(std::string(kTwo) + "r0 = *(u8 *)(r8 + 0); r1 = r6; call put; r0 = 0; exit"), "accepted");
}

TEST(Comparison, BitsOfTheLowHalfSayNothingOfTheHighOne) {
  constexpr std::string_view kProgram = "r6 = *(u64 *)(r1 + 8); %s goto end; r1 = r6; call small; end:; r0 = 0; exit";
  const auto with = [&](const std::string& test) {
    std::string text(kProgram);
    return verdict_of(text.replace(text.find("%s"), 2, test));
  };
  EXPECT_EQ(with("if w6 & -8"), "E0224");
  EXPECT_EQ(with("if r6 & -8"), "accepted");
}

TEST(Frame, ABufferThatOnlyTheHostTouchesIsPartOfIt) {
  auto declarations = interface::parse(kInterface, "test.tni");
  ASSERT_TRUE(declarations);
  const auto proof =
      verify::prove(assemble_program("r1 = r10; r1 += -64; r2 = 16; call fill; r0 = 0; exit", {.hook = "t", .globals = std::vector<std::byte>(64)}),
                    std::make_shared<const interface::Declarations>(std::move(*declarations)));
  ASSERT_TRUE(proof);
  EXPECT_EQ(proof->function(ir::FunctionIdx(0)).frame_bytes, 64u);
}

TEST(Meeting, AnObjectsOwnMemoryIsNotNullBecauseItsPointerWasLost) {
  constexpr std::string_view kStart = "r8 = *(u32 *)(r1 + 0); call record_new; r6 = r0; ";
  constexpr std::string_view kEnd = "if r6 == 0 goto end; r1 = r6; call record_drop; end:; r0 = 0; exit";
  EXPECT_EQ(verdict_of(std::string(kStart) + "if r8 == 0 goto met; r6 = 0; met:; " + std::string(kEnd)), "E0301");
  EXPECT_EQ(verdict_of(std::string(kStart) + "if r8 == 0 goto met; r1 = r6; call record_drop; r6 = 0; met:; " + std::string(kEnd)), "accepted");
}

/// Rounds alternate between two heads, one with the mode and one without. What the first way into the second head proved of numbers from before the
/// loop, a later way into it has not: n < m.
TEST(Meeting, AHeadKnowsNoMoreThanEveryWayIntoIt) {
  const auto with_second_way = [](const std::string& second) {
    return verdict_of(
        "r7 = *(u32 *)(r1 + 0); r8 = *(u32 *)(r1 + 4); r1 = r8; call sized; r9 = r0; r6 = 0; r1 = 0; *(u64 *)(r10 - 8) = r1; "
        "head:; r1 = *(u64 *)(r10 - 8); if r1 == 0 goto off; "
        "r1 = r9; r1 += r7; r1 = *(u8 *)(r1 + 0); call read_end; r1 = 0; *(u64 *)(r10 - 8) = r1; r6 += 1; if r6 < 100 goto head; r0 = 0; exit; "
        "off:; if r6 > 0 goto second; if r7 >= r8 goto end; goto enter; second:; " +
        second +
        "enter:; call read_begin; r1 = 1; "
        "*(u64 *)(r10 - 8) = r1; r6 += 1; goto head; end:; r0 = 0; exit");
  };
  EXPECT_EQ(with_second_way("if r7 >= r8 goto end; "), "accepted");
  EXPECT_EQ(with_second_way(""), "E0205");
}

TEST(Meeting, AnotherMapInEachRound) {
  ir::Parts parts = assemble(
      "r7 = *(u32 *)(r1 + 0); r1 = 0; *(u64 *)(r10 - 8) = r1; r6 = 1000 ll; loop:; r1 = r6; r2 = r10; r2 += -8; call look; r6 = 1001 ll; "
      "r7 += -1; if r7 != 0 goto loop; r0 = 0; exit",
      {.hook = "t", .globals = std::vector<std::byte>(64)});
  for (isa::Insn& insn : parts.insns) {
    auto* load = std::get_if<isa::LoadImm>(&insn);
    if (load == nullptr || load->value < 1000) continue;
    load->kind = isa::LoadImm::Kind::map;
    load->value -= 1000;
  }
  for (const char* name : {"a", "b"})
    parts.maps.push_back({.name = name, .kind = "hash", .type = 1, .key_bytes = 8, .value_bytes = 8, .max_entries = 1});
  EXPECT_EQ(verdict(*ir::link(std::move(parts)), kInterface), "accepted");
}

/// On one path an object is held and a place points to it, on the other the place was never set: not even a test against null may look there.
TEST(Meeting, WhatOnePathHasNotSetIsNotRead) {
  const auto with = [](const std::string& set, const std::string& place, const std::string& value) {
    return verdict_of("r7 = *(u32 *)(r1 + 0); r6 = 0; " + set + "if r7 == 0 goto met; call need; r6 = r0; " + place + " = r0; met:; r1 = " + value +
                      "; if r1 == 0 goto look; look:; if r6 == 0 goto end; r1 = r6; call put; end:; r0 = 0; exit");
  };
  EXPECT_EQ(with("", "*(u64 *)(r10 - 8)", "*(u64 *)(r10 - 8)"), "E0203");
  EXPECT_EQ(with("*(u64 *)(r10 - 8) = r6; ", "*(u64 *)(r10 - 8)", "*(u64 *)(r10 - 8)"), "accepted");
  EXPECT_EQ(with("", "r8", "r8"), "E0201");
  EXPECT_EQ(with("r8 = 0; ", "r8", "r8"), "accepted");
}

TEST(Meeting, TwoObjectsChangePlacesInEachRound) {
  EXPECT_EQ(
      verdict_of("r8 = *(u32 *)(r1 + 0); call need; r6 = r0; call need; r7 = r0; loop:; r9 = r6; r6 = r7; r7 = r9; r8 += -1; if r8 != 0 goto loop; "
                 "r1 = r6; call put; r1 = r7; call put; r0 = 0; exit"),
      "accepted");
}

TEST(Meeting, OneCallIsForOneKindOfMaps) {
  const auto with = [](const char* second) {
    ir::Parts parts = assemble(
        "r7 = *(u32 *)(r1 + 0); r1 = 0; *(u64 *)(r10 - 8) = r1; r1 = map 0 ll; if r7 == 0 goto call; r1 = map 1 ll; call:; r2 = r10; r2 += -8; "
        "call pick; r0 = 0; exit",
        {.hook = "t", .globals = std::vector<std::byte>(64)});
    for (const char* kind : {"hash", second})
      parts.maps.push_back({.name = kind, .kind = kind, .type = 1, .key_bytes = 8, .value_bytes = 8, .max_entries = 1});
    return verdict(*ir::link(std::move(parts)), kInterface);
  };
  EXPECT_EQ(with("array"), "accepted");
  EXPECT_EQ(with("queue"), "E0213");
}

TEST(Limits, CallsInTheirCallersContextNest) {
  const auto chain = [](int calls) {  // each is given the context, so each is analysed where it is called
    std::string text = "call f1; exit";
    for (int n = 1; n <= calls; ++n)
      text += "; fn f" + std::to_string(n) + "(1):; r0 = *(u32 *)(r1 + 0)" + (n == calls ? "" : "; call f" + std::to_string(n + 1)) + "; exit";
    return verdict_of(text);
  };
  EXPECT_EQ(chain(31), "accepted");
  EXPECT_EQ(chain(32), "E0406");
}

TEST(Limits, LoopsNest) {
  const auto nest = [](int loops) {
    std::string text = "r6 = *(u32 *)(r1 + 0)", end;
    for (int n = 0; n < loops; ++n) {
      text += "; l" + std::to_string(n) + ":; r7 = r6";
      end = "; if r6 != " + std::to_string(n + 1) + " goto l" + std::to_string(n) + end;
    }
    return verdict_of(text + end + "; r0 = 0; exit");
  };
  EXPECT_EQ(nest(32), "accepted");
  EXPECT_EQ(nest(33), "E0407");
}

}  // namespace
}  // namespace tenon::test
