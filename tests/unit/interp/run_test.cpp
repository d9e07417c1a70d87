// SPDX-License-Identifier: Apache-2.0
// How runs end, and where memory is: guards, faults, frames, calls.
#include <gtest/gtest.h>

#include "support/assembler.hpp"
#include "support/sandbox.hpp"

namespace tenon::test {
namespace {

using Kind = Outcome::Kind;

constexpr std::string_view kHost = R"(
  type token rc drop=put;
  hook t(a: u64, b: u64) -> u64 default 77;
  fn put(t: own token<'t>);
  fn get(id: u64) -> ?own token;
  fn note(a: u64, b: u64, c: u64, d: u64, e: u64) -> u64;
  fn fill(p: mem(u8|n) uninit, n: u64 in 0..64);
)";

ir::Program with_globals(std::string_view text) { return assemble_program(text, {.globals = std::vector<std::byte>(64)}); }

TEST(Run, CountsInstructions) {
  Sandbox sandbox;
  EXPECT_EQ(sandbox.run("r0 = 0; r0 += 1; exit").instructions, 3u);
}

TEST(Run, LoopsWithoutKnownBounds) {
  Sandbox sandbox;
  const auto run = sandbox.run("r0 = 0; again:; if r1 == 0 goto out; r0 += r1; r1 += -1; goto again; out:; exit", {1000});
  EXPECT_EQ(run.kind, Kind::returned);
  EXPECT_EQ(run.value, 500500u);
}

TEST(Run, EndlessLoopIsCancelledForTime) {
  Sandbox sandbox;
  sandbox.environment().max_instructions = 500;
  const auto run = sandbox.run("r0 = 0; again:; r0 += 1; goto again");
  EXPECT_EQ(run.kind, Kind::cancelled);
  EXPECT_EQ(run.cause, Cause::quantum);
  EXPECT_EQ(run.instructions, 500u);
}

// --- heap --------------------------------------------------------------------------------------------------------------------------------------

struct HeapFault {
  const char* name;
  std::uint64_t offset;
  bool faults;
};

TEST(Heap, OnlyGrantedBytesAreThere) {
  Sandbox sandbox;
  const std::uint64_t end = abi::kGlobalsOffset + Sandbox::kGrantedBytes + Sandbox::kStackBytes;
  for (const HeapFault& one : {HeapFault{"null", 0, true}, HeapFault{"last hole byte", abi::kGlobalsOffset - 1, true},
                               HeapFault{"straddles the start", abi::kGlobalsOffset - 7, true}, HeapFault{"first", abi::kGlobalsOffset, false},
                               HeapFault{"last", end - 8, false}, HeapFault{"straddles the end", end - 7, true}, HeapFault{"end", end, true},
                               HeapFault{"last of the window", 0xfffffff8, true}, HeapFault{"beyond the window's end", 0xffffffff, true}}) {
    SCOPED_TRACE(one.name);
    const auto run = sandbox.run("r0 = *(u64 *)(r1 + 0); r0 = 5; exit", {sandbox.heap_base() + one.offset});
    EXPECT_EQ(run.kind, one.faults ? Kind::cancelled : Kind::returned);
    if (!one.faults) continue;
    EXPECT_EQ(run.cause, Cause::fault);
    EXPECT_EQ(run.at, ir::InsnIdx(0));
    EXPECT_EQ(run.fault_address, sandbox.heap_base() + one.offset);
  }
}

TEST(Heap, TheGuardDropsTheUpperHalfAndTheRegisterKeepsIt) {
  Sandbox sandbox;
  sandbox.store(sandbox.globals(), 0x1234);
  const std::uint64_t wild = 0xdead000000000000 | static_cast<std::uint32_t>(sandbox.globals());
  EXPECT_EQ(sandbox.run("r0 = *(u64 *)(r1 + 0); exit", {wild}).value, 0x1234u);
  EXPECT_EQ(sandbox.run("r2 = *(u64 *)(r1 + 0); r0 = r1; exit", {wild}).value, wild);
}

TEST(Heap, OffsetsAreAddedAfterTheReduction) {
  Sandbox sandbox;
  const auto below = sandbox.run("r0 = *(u64 *)(r1 - 8); exit", {sandbox.heap_base()});
  EXPECT_EQ(below.cause, Cause::fault);
  EXPECT_EQ(below.fault_address, sandbox.heap_base() - 8);
}

TEST(Heap, AtomicsMustBeAligned) {
  Sandbox sandbox;
  const auto run = sandbox.run("r2 = 1; lock *(u64 *)(r1 + 0) += r2; r0 = 0; exit", {sandbox.globals() + 4});
  EXPECT_EQ(run.kind, Kind::cancelled);
  EXPECT_EQ(run.cause, Cause::misaligned);
  EXPECT_EQ(run.at, ir::InsnIdx(1));
  EXPECT_EQ(sandbox.run("r2 = 1; lock *(u32 *)(r1 + 0) += w2; r0 = 0; exit", {sandbox.globals() + 4}).kind, Kind::returned);
}

TEST(Heap, GlobalsKeepTheirBytes) {
  Sandbox sandbox;
  const auto guarded = sandbox.guard(with_globals("r3 = globals + 8; *(u64 *)(r3 + 0) = r1; r0 = 0; exit"));
  EXPECT_EQ(guarded.counts().elided, 1u);
  sandbox.run(guarded, {0x5555});
  EXPECT_EQ(sandbox.load(sandbox.globals() + 8), 0x5555u);
}

// --- frames and calls --------------------------------------------------------------------------------------------------------------------------

TEST(Calls, KeepR6ToR9AndGiveEachFrameItsOwnStack) {
  Sandbox sandbox;
  const auto run = sandbox.run(R"(
      r6 = r1
      r7 = 2
      *(u64 *)(r10 - 8) = r6
      r1 = 5
      call leaf
      r1 = *(u64 *)(r10 - 8)
      r0 += r1
      r0 += r6
      r0 += r7
      exit
    fn leaf(1):
      *(u64 *)(r10 - 8) = r1
      r6 = 1000
      r7 = 1000
      r0 = *(u64 *)(r10 - 8)
      exit
  )",
                               {100});
  EXPECT_EQ(run.value, 5u + 100 + 100 + 2);
}

TEST(Calls, RecursionEndsAtTheDepthLimit) {
  Sandbox sandbox;
  constexpr std::string_view program = R"(
      call down
      exit
    fn down(1):
      if r1 == 0 goto out
      r1 += -1
      call down
      r0 += 1
      exit
    out:
      r0 = 0
      exit
  )";
  EXPECT_EQ(sandbox.run(program, {200}).value, 200u);
  const auto run = sandbox.run(program, {300});
  EXPECT_EQ(run.kind, Kind::cancelled);
  EXPECT_EQ(run.cause, Cause::stack);
  EXPECT_EQ(run.value, 0u);
}

TEST(Calls, IndirectThroughFunctionValues) {
  Sandbox sandbox;
  constexpr std::string_view program = R"(
      r3 = &twice
      if r2 == 0 goto chosen
      r3 = &thrice
      if r2 == 1 goto chosen
      r3 = r2
    chosen:
      callx r3
      exit
    fn twice(1):
      r0 = r1
      r0 += r1
      exit
    fn thrice(1):
      r0 = r1
      r0 *= 3
      exit
  )";
  EXPECT_EQ(sandbox.run(program, {5, 0}).value, 10u);
  EXPECT_EQ(sandbox.run(program, {5, 1}).value, 15u);
  const auto run = sandbox.run(program, {5, 12345});
  EXPECT_EQ(run.kind, Kind::cancelled);
  EXPECT_EQ(run.cause, Cause::bad_call);
  EXPECT_EQ(run.at, ir::InsnIdx(5));
}

TEST(Frames, AnEscapingStackAddressIsHeapMemory) {
  Sandbox sandbox;
  const auto guarded = sandbox.guard(with_globals(R"(
      *(u64 *)(r10 - 16) = r1
      r2 = r10
      r2 += -16
      r3 = globals
      *(u64 *)(r3 + 0) = r2         # escapes
      r4 = *(u64 *)(r3 + 0)         # and comes back as a heap pointer
      *(u64 *)(r4 + 0) = 9
      r0 = *(u64 *)(r10 - 16)
      exit
  )"));
  EXPECT_EQ(sandbox.run(guarded, {1}).value, 9u);
  const std::uint64_t escaped = sandbox.load(sandbox.globals());
  EXPECT_TRUE(escaped >= sandbox.environment().heap_stack_limit && escaped < sandbox.environment().heap_stack_top);
}

// --- host functions ----------------------------------------------------------------------------------------------------------------------------

TEST(HostCalls, GetTheirArgumentsInOrder) {
  Sandbox sandbox(kHost);
  Sandbox::Arguments seen{};
  sandbox.on_call("note", [&](const Sandbox::Arguments& arguments) {
    seen = arguments;
    return interp::Environment::CallResult{.r0 = 42};
  });
  EXPECT_EQ(sandbox.run("r1 = 1; r2 = 2; r3 = 3; r4 = 4; r5 = 5; call note; exit").value, 42u);
  EXPECT_EQ(seen, (Sandbox::Arguments{1, 2, 3, 4, 5}));
}

TEST(HostCalls, MayEndTheRun) {
  Sandbox sandbox(kHost);
  sandbox.on_call("bpf_throw", [](const Sandbox::Arguments& a) { return interp::Environment::CallResult{.r0 = a[0], .kind = Kind::thrown}; });
  const auto thrown = sandbox.run("r1 = 9; call bpf_throw; r0 = 0; exit");
  EXPECT_EQ(thrown.kind, Kind::thrown);
  EXPECT_EQ(thrown.value, 9u);
  EXPECT_EQ(thrown.at, ir::InsnIdx(1));
  sandbox.on_call("note",
                  [](const Sandbox::Arguments&) { return interp::Environment::CallResult{.kind = Kind::cancelled, .cause = Cause::host_request}; });
  const auto cancelled = sandbox.run("r1 = 1; r2 = 2; r3 = 3; r4 = 4; r5 = 5; call note; exit");
  EXPECT_EQ(cancelled.kind, Kind::cancelled);
  EXPECT_EQ(cancelled.cause, Cause::host_request);
  EXPECT_EQ(cancelled.value, 77u);  // the hook's default
}

TEST(HostCalls, FillStackMemoryThatIsThenInitialised) {
  Sandbox sandbox(kHost);
  sandbox.on_call("fill", [](const Sandbox::Arguments& a) {
    for (std::uint64_t i = 0; i < a[1]; ++i) reinterpret_cast<std::uint8_t*>(a[0])[i] = 0x11;
    return interp::Environment::CallResult{};
  });
  EXPECT_EQ(sandbox.run("r1 = r10; r1 += -8; r2 = 8; call fill; r0 = *(u64 *)(r10 - 8); exit").value, 0x1111111111111111u);
}

}  // namespace
}  // namespace tenon::test
