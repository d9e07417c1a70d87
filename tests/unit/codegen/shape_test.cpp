// SPDX-License-Identifier: Apache-2.0
// What LLVM is told, and what it makes of it: no claims about memory that are not true, no calls that nobody wrote, guards in their cheap form.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "native_code.hpp"

namespace tenon::test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

instrument::Guarded guard(std::string_view text) {
  return Sandbox("hook t(a: u64, b: u64) -> u64 default 0; fn take(bytes: mem(u8|256) uninit);")
      .guard(assemble_program(text, {.globals = std::vector<std::byte>(4096)}));
}

/// A program with everything in it: arithmetic of both widths, all kinds of memory, calls, recursion, atomics.
constexpr const char* kEverything =
    "r6 = r1; r7 = r2; *(u64 *)(r10 - 8) = r1; r3 = *(u64 *)(r6 + 0); w3 += w7; r3 s/= r7; w3 s%= w7; r3 <<= r7; w3 s>>= w7; *(u16 *)(r6 - 2) = r3;"
    "r3 *= 3; r3 -= 1; lock *(u64 *)(r6 + 8) += r3; r1 = *(u64 *)(r10 - 8); r1 += 4; r4 = 0; r5 = 0; call f; r4 = globals + 8; *(u64 *)(r4 + 0) = "
    "r0; exit;"
    "fn f:; if r1 > 100 goto done; r1 += 1; r2 = 0; r3 = 0; r4 = 0; r5 = 0; call f; r0 += 1; exit; done:; r0 = 0; exit";

TEST(ShapeTest, LlvmIsToldNothingAboutMemory) {
  const std::string text = llvm_text(guard(kEverything), {.optimise = false});
  for (const char* claim : {"nsw", "nuw", "exact", "inbounds", "noalias", "dereferenceable", "mustprogress", "willreturn", "nonnull", "!range",
                            "!noundef", "noundef", "disjoint", "!invariant", "!nontemporal", "!tbaa", "nocapture", "readonly"}) {
    EXPECT_THAT(text, Not(ContainsRegex(std::string("[^a-z_]") + claim + "[^a-z_]"))) << claim;
  }
  EXPECT_THAT(text, HasSubstr("null_pointer_is_valid"));
  EXPECT_THAT(text, HasSubstr("\"no-builtins\""));
}

TEST(ShapeTest, HeapAccessesAreVolatileWithAlignmentOne) {
  const std::string text = llvm_text(guard("r0 = *(u64 *)(r1 + 0); *(u32 *)(r1 + 12) = w0; exit"), {.optimise = false});
  EXPECT_THAT(text, ContainsRegex("load volatile i64, ptr addrspace\\([0-9]+\\) %[0-9]+, align 1,"));
  EXPECT_THAT(text, ContainsRegex("store volatile i32 %[0-9]+, ptr addrspace\\([0-9]+\\) %[0-9]+, align 1,"));
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// On two ways the same access: whichever faults must be told from the other.
TEST(ShapeTest, EqualAccessesKeepTheirOwnInstructions) {
  for (const char* access : {"r0 = *(u64 *)(r1 + 8)", "*(u64 *)(r1 + 8) = r2; r0 = 0", "r0 = r2; lock *(u64 *)(r1 + 8) += r0"}) {
    const std::string way = std::string(access) + "; ";
    for (const std::string& text : {"if r2 == 0 goto other; " + way + "r0 += 1; exit; other:; " + way + "r0 += 2; exit",
                                    "if r2 == 0 goto other; r3 = 1; " + way + "goto end; other:; r3 = 2; " + way + "end:; r0 += r3; exit"}) {
      const std::string assembly = assembly_text(guard(text));
      EXPECT_EQ(count(assembly, "(%r"), 2u) << text << assembly;
    }
  }
}

TEST(ShapeTest, FoldedAccessesNameTheirOwnInstruction) {
  const std::string text = assembly_text(guard("r3 = *(u64 *)(r1 + 8); r2 *= r2; r2 += r3; r0 = r2; exit"));
  EXPECT_THAT(text, ContainsRegex("# insn 0\n\taddq\t8?\\(%r[a-z]+,%r[a-z]+\\), %r[a-z]+")) << text;
}

TEST(ShapeTest, StoresStayStores) {
  std::string zeroes;
  for (int off = 8; off <= 512; off += 8) zeroes += "*(u64 *)(r10 - " + std::to_string(off) + ") = 0; ";
  std::string copies;
  for (int off = 8; off <= 256; off += 8) {
    copies += "r2 = *(u64 *)(r10 - " + std::to_string(off) + "); *(u64 *)(r10 - " + std::to_string(off + 256) + ") = r2; ";
  }
  for (const std::string& text : {zeroes, zeroes + "r1 = r10; r1 += -512; call take; " + copies}) {
    const auto guarded = guard(text + "r1 = r10; r1 += -512; call take; r0 = 0; exit");
    for (const char* routine : {"@mem", "@llvm.mem"}) EXPECT_THAT(llvm_text(guarded), Not(HasSubstr(routine)));
    EXPECT_GT(compile_native(guarded).bytes.size(), 0u);
  }
}

TEST(ShapeTest, LoopsStayLoops) {
  const struct {
    const char* what;
    const char* text;
  } cases[] = {
      {"copy in the heap", "again:; w3 = *(u8 *)(r1 + 0); *(u8 *)(r2 + 0) = w3; r1 += 1; r2 += 1; if w3 != 0 goto again; r0 = 0; exit"},
      {"fill in the heap", "again:; *(u8 *)(r1 + 0) = 0; r1 += 1; if r1 < r2 goto again; r0 = 0; exit"},
      {"fill by index", "r3 = 65536; again:; *(u8 *)(r3 + 0) = 0; r3 += 1; if r3 < 69632 goto again; r0 = 0; exit"},
      {"copy by index", "r3 = 65536; again:; w4 = *(u8 *)(r3 + 0); *(u8 *)(r3 + 8192) = w4; r3 += 1; if r3 < 69632 goto again; r0 = 0; exit"},
      {"length of a string", "r0 = 0; again:; w3 = *(u8 *)(r1 + 0); r1 += 1; r0 += 1; if w3 != 0 goto again; exit"},
      {"fill on the stack",
       "r3 = 0; again:; r4 = r10; r4 += -256; r4 += r3; *(u8 *)(r4 + 0) = 0; r3 += 1; if r3 < 256 goto again; r1 = r10; r1 += -256; call take;"
       "r0 = 0; exit"},
  };
  for (const auto& one : cases) {
    const auto guarded = guard(one.text);
    const std::string text = llvm_text(guarded);
    for (const char* routine : {"@mem", "@str", "@llvm.mem", "@bcmp"}) EXPECT_THAT(text, Not(HasSubstr(routine))) << one.what;
    EXPECT_THAT(text, HasSubstr("phi")) << one.what;
  }
}

/// The load that a closed page turns into a fault: once per turn of a loop, and in functions that are called. Nowhere without `polls`.
TEST(ShapeTest, EveryLoopPolls) {
  constexpr std::string_view kPoll = "load volatile i32, ptr %poll.page";
  const struct {
    const char* text;
    std::size_t polls;
  } cases[] = {
      {"r0 = 0; exit", 0},
      {"if r1 > 3 goto other; r0 = 1; exit; other:; r0 = 2; exit", 0},
      {"again:; goto again", 1},
      {"again:; r1 += 1; if r1 != 0 goto again; r0 = 0; exit", 1},                      // LLVM knows that it ends
      {"r0 = 0; again:; r0 += r1; r1 += 1; if r1 < 10 goto again; exit", 1},            // and could compute what r0 is then
      {"outer:; r3 = 0; inner:; r3 += 1; if r3 < r2 goto inner; r1 += 1; if r1 < r2 goto outer; r0 = 0; exit", 2},
      {"again:; if r1 == 0 goto end; r1 = *(u64 *)(r1 + 0); goto again; end:; r0 = 0; exit", 1},
      {"r2 = 0; r3 = 0; r4 = 0; r5 = 0; call f; exit; fn f:; r0 = *(u64 *)(r1 + 0); exit", 1},
      {"r2 = 0; r3 = 0; r4 = 0; r5 = 0; call f; exit; fn f:; if r1 == 0 goto end; r1 -= 1; r2 = 0; r3 = 0; r4 = 0; r5 = 0; call f; r0 += 1; exit;"
       " end:; r0 = 0; exit", 1},
  };
  for (const auto& one : cases) {
    const auto guarded = guard(one.text);
    EXPECT_EQ(count(llvm_text(guarded, {.polls = true, .optimise = false}), kPoll), one.polls) << one.text;
    EXPECT_GE(count(llvm_text(guarded, {.polls = true}), kPoll), one.polls) << one.text;  // loops are unrolled
    EXPECT_THAT(llvm_text(guarded), Not(HasSubstr("poll"))) << one.text;
  }
  EXPECT_TRUE(compile_native(guard("again:; goto again"), {.polls = true}).polls);
}

TEST(ShapeTest, GuardIsOneMoveAndAnIndexedAccess) {
  const std::string text = assembly_text(guard("again:; r1 = *(u64 *)(r1 + 8); if r1 != 0 goto again; r0 = 0; exit"));
  EXPECT_THAT(text, ContainsRegex("movl\t%e[a-z]+, %e[a-z]+\n\tmovq\t8?\\(%r[a-z]+,%r[a-z]+\\), %r[a-z]+"));
  EXPECT_THAT(text, HasSubstr("movabsq\t$tenon.heap_base"));
}

TEST(ShapeTest, AMisalignedHeapAccessIsOneInstruction) {
  for (const char* access :
       {"r0 = *(u8 *)(r1 + 1)", "r0 = *(u16 *)(r1 + 1)", "r0 = *(u32 *)(r1 + 1)", "r0 = *(u64 *)(r1 + 1)", "r0 = *(s8 *)(r1 + 1)",
        "r0 = *(s16 *)(r1 + 1)", "r0 = *(s32 *)(r1 + 1)", "r0 = 0; *(u8 *)(r1 + 1) = w2", "r0 = 0; *(u16 *)(r1 + 1) = w2",
        "r0 = 0; *(u32 *)(r1 + 1) = w2", "r0 = 0; *(u64 *)(r1 + 1) = r2", "r0 = 0; *(u64 *)(r1 + 1) = -2"}) {
    const std::string text = assembly_text(guard(std::string(access) + "; exit"));
    const std::size_t first = text.find("(%r");
    EXPECT_NE(first, std::string::npos) << text;
    EXPECT_EQ(text.find("(%r", first + 1), std::string::npos) << text;
  }
}

TEST(ShapeTest, AccessToAGlobalNeedsNoGuard) {
  const auto guarded = guard("r1 = globals + 16; r0 = *(u64 *)(r1 + 8); exit");
  EXPECT_EQ(guarded.counts().elided, 1u);
  const std::string text = assembly_text(guarded);
  EXPECT_THAT(text, ContainsRegex("movq\t24\\(%r[a-z]+\\), %rax"));
  EXPECT_EQ(compile_native(guarded).guards_after_llvm, 0u);
}

TEST(ShapeTest, GuardsThatLlvmSharesAreCountedOnce) {
  const auto guarded = guard("r2 = *(u64 *)(r1 + 0); r0 = *(u64 *)(r1 + 8); r0 += r2; exit");
  EXPECT_EQ(guarded.counts().emitted, 2u);
  EXPECT_EQ(compile_native(guarded).guards_after_llvm, 1u);
}

TEST(ShapeTest, SpillSlotsBecomeRegisters) {
  const std::string text =
      assembly_text(guard("*(u64 *)(r10 - 8) = r1; *(u64 *)(r10 - 16) = r2; r0 = *(u64 *)(r10 - 8); r3 = *(u64 *)(r10 - 16); r0 += r3; exit"));
  EXPECT_THAT(text, Not(HasSubstr("(%rsp")));
  EXPECT_THAT(text, Not(HasSubstr("(%rbp")));
}

TEST(ShapeTest, NoInstructionOfAvx512) {
  const std::string text = assembly_text(guard(kEverything));
  EXPECT_THAT(text, Not(HasSubstr("zmm")));
}

}  // namespace
}  // namespace tenon::test
