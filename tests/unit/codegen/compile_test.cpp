// SPDX-License-Identifier: Apache-2.0
// Compiled code computes what RFC 9669 says, touches memory as often as the author wrote it, and stops where it must.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "native_code.hpp"
#include "support/instruction_cases.hpp"

namespace tenon::test {
namespace {

using abi::ThunkSlot;
using Kind = abi::Relocation::Kind;

instrument::Guarded guard(const Sandbox& sandbox, std::string_view text, std::size_t globals_bytes = 64) {
  return sandbox.guard(assemble_program(text, {.globals = std::vector<std::byte>(globals_bytes)}));
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

NativeCode::Result run(Sandbox& sandbox, std::string_view text, std::uint64_t a = 0, std::uint64_t b = 0) {
  return NativeCode(compile_native(guard(sandbox, text)), sandbox).run(a, b);
}

void expect_cases(std::span<const InstructionCase> cases, const std::function<std::string(const InstructionCase&)>& program) {
  Sandbox sandbox;
  for (const InstructionCase& one : cases) {
    const auto result = run(sandbox, program(one), one.a, one.b);
    EXPECT_FALSE(result.cancelled) << one.text;
    EXPECT_EQ(result.r0, one.expected) << one.text << " with " << std::hex << one.a << ", " << one.b;
  }
}

TEST(CompileTest, Arithmetic) { expect_cases(arithmetic_cases(), arithmetic_program); }
TEST(CompileTest, Branches) { expect_cases(branch_cases(), branch_program); }
TEST(CompileTest, MemoryInTheHeap) {
  expect_cases(memory_cases(), [](const InstructionCase& one) { return memory_program(one, Place::globals); });
}
TEST(CompileTest, MemoryOnThePrivateStack) {
  expect_cases(memory_cases(), [](const InstructionCase& one) { return memory_program(one, Place::stack); });
}

TEST(CompileTest, EveryAddressIsReducedToTheWindow) {
  Sandbox sandbox;
  sandbox.store(sandbox.globals() + 24, 0x1234);
  const std::string load = "r0 = *(u64 *)(r1 + 8); exit";
  EXPECT_EQ(run(sandbox, load, sandbox.globals() + 16).r0, 0x1234u);
  // Any upper half means the same place, and the negative offset of a wrapped value stays inside window and bands.
  EXPECT_EQ(run(sandbox, load, (sandbox.globals() + 16) & 0xffffffff).r0, 0x1234u);
  EXPECT_EQ(run(sandbox, load, ((sandbox.globals() + 16) & 0xffffffff) | 0xdeadbeef00000000).r0, 0x1234u);
}

TEST(CompileTest, MaskFormReducesToo) {
  Sandbox sandbox;
  sandbox.store(sandbox.globals() + 24, 0x1234);
  const codegen::CompileOptions options{.shape = {abi::HeapForm::mask, abi::kWindow32Bytes}};
  NativeCode code(compile_native(guard(sandbox, "r0 = *(u64 *)(r1 + 8); exit"), options), sandbox);
  EXPECT_EQ(code.run(((sandbox.globals() + 16) & 0xffffffff) | 0xdeadbeef00000000).r0, 0x1234u);
}

TEST(CompileTest, GuardLeavesTheRegisterAlone) {
  Sandbox sandbox;
  EXPECT_EQ(run(sandbox, "r2 = *(u64 *)(r1 + 0); r0 = r1; exit", 0xdeadbeef00000000 | (sandbox.globals() & 0xffffffff)).r0 >> 32, 0xdeadbeefu);
}

TEST(CompileTest, LoopOnAFlagKeepsItsLoad) {
  Sandbox sandbox;
  sandbox.store(sandbox.globals(), 0);
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    std::atomic_ref(*reinterpret_cast<std::uint64_t*>(sandbox.globals())).store(7);
  });
  EXPECT_EQ(run(sandbox, "again:; r0 = *(u64 *)(r1 + 0); if r0 == 0 goto again; exit", sandbox.globals()).r0, 7u);  // else it hangs
  writer.join();
}

TEST(CompileTest, EndlessLoopsKeepTheirHeapAccesses) {
  Sandbox sandbox;
  const auto guarded = guard(sandbox, "again:; r2 = *(u64 *)(r1 + 0); *(u64 *)(r1 + 8) = 1; *(u64 *)(r1 + 8) = 2; goto again");
  const std::string text = llvm_text(guarded);
  EXPECT_EQ(count(text, "load volatile"), 1u) << text;
  EXPECT_EQ(count(text, "store volatile"), 2u) << text;
  EXPECT_EQ(count(text, "unreachable"), 0u) << text;
}

TEST(CompileTest, UnlockingStoresStayInOrder) {
  Sandbox sandbox;
  const auto guarded = guard(sandbox, "*(u32 *)(r1 + 0) = 1; *(u32 *)(r1 + 4) = 5; *(u32 *)(r1 + 0) = 0; r0 = 0; exit");
  const std::string text = assembly_text(guarded);
  const std::size_t locked = text.find("$1, (%"), data = text.find("$5, 4(%"), unlocked = text.find("$0, (%");
  EXPECT_LT(locked, data) << text;
  EXPECT_LT(data, unlocked) << text;
  EXPECT_NE(unlocked, std::string::npos) << text;
}

TEST(CompileTest, RecursionEndsAtTheNativeStackLimit) {
  Sandbox sandbox;
  const auto guarded = guard(sandbox, "r3 = 0; r4 = 0; r5 = 0; call f; exit; fn f:; r1 += 1; r2 = 0; r3 = 0; r4 = 0; r5 = 0; call f; r0 += 1; exit");
  NativeCode code(compile_native(guarded), sandbox);
  const auto here = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
  code.invocation.native_stack_limit = here - (256u << 10);
  const auto result = code.run();
  EXPECT_TRUE(result.cancelled);
  EXPECT_EQ(result.by, ThunkSlot::cancel_stack);
  EXPECT_EQ(result.instruction, 5u);  // the first of f
}

std::uint64_t lowest_stack = ~0ull;
std::uint64_t note_stack(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, const abi::CallSite*) {
  lowest_stack = std::min(lowest_stack, reinterpret_cast<std::uint64_t>(__builtin_frame_address(0)));
  return 0;
}

TEST(CompileTest, TheCheckLeavesRoomForFramesThatDoNotCheck) {
  Sandbox sandbox("hook t(a: u64, b: u64) -> u64 default 0; fn take(bytes: mem(u8|256) uninit);");
  std::string leaf = "fn g:; ";  // too large to be inlined
  for (int i = 0; i < 30; ++i) leaf += "r1 = r10; r1 += -512; call take; ";
  const std::string arguments = "r1 = 0; r2 = 0; r3 = 0; r4 = 0; r5 = 0; ";
  const auto guarded = guard(sandbox, arguments + "call f; exit; fn f:; " + arguments + "call g; " + arguments + "call g; " + arguments +
                                          "call f; r0 += 1; exit; " + leaf + "r0 = 0; exit");
  NativeCode code(compile_native(guarded), sandbox, &note_stack);
  code.invocation.native_stack_limit = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0)) - (256u << 10);
  lowest_stack = ~0ull;
  EXPECT_TRUE(code.run().cancelled);
  constexpr std::uint64_t kCallBytes = 16;  // return address and saved frame pointer of the host function itself
  EXPECT_GE(lowest_stack + kCallBytes, code.invocation.native_stack_limit);
}

TEST(CompileTest, RecursionThatEndsIsNotStopped) {
  Sandbox sandbox;
  const auto guarded = guard(sandbox, "r3 = 0; r4 = 0; r5 = 0; call f; exit; fn f:; if r1 == 0 goto done; r1 += -1; r2 = 0; r3 = 0; r4 = 0; r5 = 0; call f; r0 += 1; exit; done:; r0 = 0; exit");
  NativeCode code(compile_native(guarded), sandbox);
  code.invocation.native_stack_limit = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0)) - (1u << 20);
  const auto result = code.run(1000);
  EXPECT_FALSE(result.cancelled);
  EXPECT_EQ(result.r0, 1000u);
}

/// The frame of `f` is in memory because a host function gets its address.
constexpr const char* kBigFrame = "fn f:; r1 = r10; r1 += -512; call take; r0 = 0; exit";

TEST(CompileTest, NativeStackIsSummedOverTheChain) {
  Sandbox sandbox("hook t(a: u64, b: u64) -> u64 default 0; fn take(bytes: mem(u8|256) uninit);");
  const auto empty = compile_native(guard(sandbox, "r0 = 0; exit")).native_stack_bytes;
  const auto framed = compile_native(guard(sandbox, std::string("r1 = r10; r1 += -512; call take; r0 = 0; exit"))).native_stack_bytes;
  EXPECT_GE(framed, empty + 512);
  EXPECT_LT(framed, empty + 1024);
  const std::string recursive = "r1 = 0; r2 = 0; r3 = 0; r4 = 0; r5 = 0; call f; exit;" + std::string(kBigFrame).insert(6, " r2 = 0; r3 = 0; r4 = 0; r5 = 0; call f;");
  EXPECT_GE(compile_native(guard(sandbox, recursive)).native_stack_bytes, empty + 512);
}

/// `f` uses a local variable through its address, which it keeps in the heap, and calls itself r2 times.
constexpr const char* kEscapes =
    "r3 = 0; r4 = 0; r5 = 0; call f; exit;"
    "fn f:; *(u64 *)(r10 - 8) = 5; r3 = r10; r3 += -8; *(u64 *)(r1 + 0) = r3; r6 = r1; r7 = r2; if r2 == 0 goto leaf; r2 += -1; r3 = 0; r4 = 0; r5 = 0; call f;"
    "r8 = *(u64 *)(r10 - 8); r0 += r8; exit; leaf:; r3 = *(u64 *)(r6 + 0); *(u64 *)(r3 + 0) = 7; r0 = *(u64 *)(r10 - 8); exit";

TEST(CompileTest, EscapingVariablesLieInTheHeapsStack) {
  Sandbox sandbox;
  const auto guarded = guard(sandbox, kEscapes);
  NativeCode code(compile_native(guarded), sandbox);
  code.invocation.native_stack_limit = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0)) - (4u << 20);
  const std::uint64_t top = code.invocation.heap_stack_pointer;
  EXPECT_EQ(code.run(sandbox.globals(), 0).r0, 7u);
  const std::uint64_t address = sandbox.load(sandbox.globals());
  EXPECT_LT(address, top);
  EXPECT_GE(address, code.invocation.heap_stack_limit);
  EXPECT_EQ(code.run(sandbox.globals(), 9).r0, 7u + 9 * 5);
  EXPECT_EQ(code.invocation.heap_stack_pointer, top) << "every exit gives its frame back";
}

TEST(CompileTest, TheHeapsStackEndsAtItsLimit) {
  Sandbox sandbox;
  NativeCode code(compile_native(guard(sandbox, kEscapes)), sandbox);
  code.invocation.native_stack_limit = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0)) - (6u << 20);
  const auto result = code.run(sandbox.globals(), 1u << 20);
  EXPECT_TRUE(result.cancelled);
  EXPECT_EQ(result.by, ThunkSlot::cancel_stack);
  EXPECT_GE(sandbox.load(sandbox.globals()), code.invocation.heap_stack_limit);
}

TEST(CompileTest, IndirectCallsGoToFunctionsOfTheProgramOnly) {
  Sandbox sandbox;
  const std::string text =
      "if r1 == 0 goto second; r3 = &one; goto go; second:; r3 = &two; go:; if r2 == 0 goto call; r3 = r2; call:; callx r3; exit;"
      "fn one:; r0 = 11; exit; fn two:; r0 = 22; exit";
  EXPECT_EQ(run(sandbox, text, 1, 0).r0, 11u);
  EXPECT_EQ(run(sandbox, text, 0, 0).r0, 22u);
  const auto bad = run(sandbox, text, 0, 77);
  EXPECT_TRUE(bad.cancelled);
  EXPECT_EQ(bad.by, ThunkSlot::cancel_bad_call);
}

TEST(CompileTest, MisalignedAtomicsAreStopped) {
  Sandbox sandbox;
  const struct { const char* text; std::uint64_t off; bool stops; } cases[] = {
      {"r2 = 1; lock *(u64 *)(r1 + 0) += r2; r0 = 0; exit", 4, true},
      {"r2 = 1; lock *(u64 *)(r1 + 4) += r2; r0 = 0; exit", 4, false},
      {"r2 = 1; lock *(u32 *)(r1 + 0) += w2; r0 = 0; exit", 4, false},
      {"r2 = 1; lock *(u32 *)(r1 + 0) += w2; r0 = 0; exit", 2, true},
      {"r2 = 1; w2 = atomic_fetch_or((u32 *)(r1 + 0), w2); r0 = 0; exit", 62, true},
      {"r2 = 1; r2 = xchg_64(r1 + 0, r2); r0 = 0; exit", 8, false},
  };
  for (const auto& one : cases) {
    const auto result = run(sandbox, one.text, sandbox.globals() + one.off);
    EXPECT_EQ(result.cancelled, one.stops) << one.text << " at " << one.off;
    if (one.stops) EXPECT_EQ(result.by, ThunkSlot::cancel_misaligned) << one.text;
  }
}

std::uint64_t add_up(std::uint64_t a, std::uint64_t b, std::uint64_t, std::uint64_t, std::uint64_t, const abi::CallSite* site) {
  return a * 1000 + b * 100 + site->instruction;
}

TEST(CompileTest, HostCallsGoThroughTheThunkWithTheirSite) {
  Sandbox sandbox("hook t(a: u64, b: u64) -> u64 default 0; fn add_up(a: u64, b: u64) -> u64;");
  const auto guarded = guard(sandbox, "r6 = r1; call add_up; r1 = r6; r2 = 2; r6 = r0; call add_up; r0 += r6; exit");
  NativeCode code(compile_native(guarded), sandbox, &add_up);
  EXPECT_EQ(code.image().sites.size(), 2u);
  EXPECT_EQ(code.run(3, 4).r0, 3401u + 3205u);
}

TEST(CompileTest, SitesSayWhichArgumentsAreUnprovedMemory) {
  Sandbox sandbox("hook t(a: u64, b: u64) -> u64 default 0; fn show(n: u64, text: mem(u8|4) r);");
  auto sites = compile_native(guard(sandbox, "r2 = r1; r1 = 0; call show; r0 = 0; exit")).sites;
  ASSERT_EQ(sites.size(), 1u);
  EXPECT_EQ(sites[0].heap_arguments, 0b10);
  sites = compile_native(guard(sandbox, "*(u32 *)(r10 - 8) = 0; r2 = r10; r2 += -8; r1 = 0; call show; r0 = 0; exit")).sites;
  ASSERT_EQ(sites.size(), 1u);
  EXPECT_EQ(sites[0].heap_arguments, 0);
}

TEST(CompileTest, NothingFollowsAFunctionThatDoesNotReturn) {
  Sandbox sandbox("hook t(a: u64, b: u64) -> u64 default 0; fn stop(cookie: u64) noreturn;");
  const std::string text = assembly_text(guard(sandbox, "call stop; r0 = 0; exit"));
  EXPECT_EQ(count(text, "ud2"), 1u) << text;
  EXPECT_EQ(count(text, "ret"), 0u) << text;
}

TEST(CompileTest, EveryHeapAccessAndEveryLoopIsInThePcMap) {
  Sandbox sandbox;
  const auto guarded = guard(sandbox, "r0 = 0; again:; r2 = *(u64 *)(r1 + 0); r0 += r2; r1 = *(u64 *)(r1 + 8); *(u64 *)(r1 + 16) = r0; if r1 != 0 goto again; exit");
  const auto image = compile_native(guarded);
  std::set<std::uint32_t> mapped;
  for (const abi::PcMapEntry& entry : image.pc_map) mapped.insert(entry.instruction);
  for (const std::uint32_t access : {1u, 3u, 4u}) EXPECT_TRUE(mapped.contains(access)) << access;
  EXPECT_TRUE(std::ranges::is_sorted(image.pc_map, {}, &abi::PcMapEntry::offset));
  ASSERT_FALSE(image.pc_map.empty());
  EXPECT_LE(image.pc_map.front().offset, image.entry_offset);
}

TEST(CompileTest, RelocationsAreOnesThatInstallKnows) {
  Sandbox sandbox("hook t(a: u64, b: u64) -> u64 default 0; fn add_up(a: u64, b: u64) -> u64;");
  const auto image = compile_native(guard(sandbox, "r6 = globals + 8; r1 = *(u64 *)(r1 + 0); call add_up; *(u64 *)(r6 + 0) = r0; exit"));
  std::set<Kind> kinds;
  for (const abi::Relocation& relocation : image.relocations) {
    kinds.insert(relocation.kind);
    EXPECT_LE(relocation.at + 8, image.bytes.size());
    if (relocation.kind == Kind::site) EXPECT_LT(relocation.index, image.sites.size());
    if (relocation.kind == Kind::thunk) EXPECT_LT(relocation.index, abi::kThunkSlots);
  }
  EXPECT_EQ(kinds, (std::set{Kind::heap_base, Kind::globals, Kind::site, Kind::thunk}));
  EXPECT_EQ(image.code_offset % abi::kPageBytes, 0u);
}

}  // namespace
}  // namespace tenon::test
