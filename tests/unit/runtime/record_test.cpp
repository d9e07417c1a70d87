// SPDX-License-Identifier: Apache-2.0
// What an invocation holds, what happens to it at every way out, and the checks of memory arguments.
#include <gtest/gtest.h>

#include <cstring>

#include "unit/runtime/test_host.hpp"

namespace tenon::runtime::testing {
namespace {

using Numbers = std::vector<std::uint64_t>;

class Record : public ::testing::Test {
 protected:
  void SetUp() override {
    script.put.clear();
    script.taken = 0;
    script.on_call = nullptr;
    script.on_memory = nullptr;
    GTEST_FLAG_SET(death_test_style, "threadsafe");  // the child of a fork may not run extensions
  }
  void TearDown() override { SetUp(); }
};

/// get(number) into `into`.
void get(Assembler& code, std::uint64_t number, Reg into) {
  code.set(rdi, number);
  code.call_host(1, function("get"));
  code.copy(into, rax);
}
void put(Assembler& code, Reg from) {
  code.copy(rdi, from);
  code.call_host(2, function("put"));
}
void fault(Assembler& code) {
  code.instruction(7);
  code.set(rax, abi::Relocation::Kind::heap_base);
  code.load(rax, rax);
}

TEST_F(Record, AFaultReleasesInReverseOrder) {
  Assembler code;
  code.enter();
  get(code, 1, rbx);
  get(code, 2, r12);
  get(code, 3, r13);
  fault(code);
  const auto program = install(code);
  EXPECT_EQ(run(program).cause, Cause::fault);
  EXPECT_EQ(script.put, (Numbers{3, 2, 1}));
  EXPECT_EQ(program->record_counts().acquired, 3u);
  EXPECT_EQ(program->record_counts().released_by_cancel, 3u);
  EXPECT_EQ(program->record_counts().released_by_extension, 0u);
}

TEST_F(Record, WhatWasGivenBackIsNotReleasedAgain) {
  Assembler code;
  code.enter();
  get(code, 1, rbx);
  get(code, 2, r12);
  get(code, 3, r13);
  put(code, r12);
  fault(code);
  const auto program = install(code);
  run(program);
  EXPECT_EQ(script.put, (Numbers{2, 3, 1}));
  EXPECT_EQ(program->record_counts().released_by_extension, 1u);
  EXPECT_EQ(program->record_counts().released_by_cancel, 2u);
}

TEST_F(Record, NullIsNotHeld) {
  Assembler code;
  code.enter();
  get(code, 0, rbx);
  fault(code);
  const auto program = install(code);
  run(program);
  EXPECT_EQ(script.put, Numbers{});
  EXPECT_EQ(program->record_counts().acquired, 0u);
}

TEST_F(Record, TheSamePointerTwiceIsTwoEntries) {
  Assembler same;
  same.enter();
  get(same, 5, rbx);
  same.set(rdi, 0);
  same.call_host(3, function("call"));
  get(same, 6, r12);
  put(same, rbx);
  fault(same);
  script.on_call = [](std::uint64_t) { return script.taken = 0; };  // both acquisitions hand out one token
  const auto twice = install(same);
  run(twice);
  EXPECT_EQ(script.tokens[0].number, 6u);
  EXPECT_EQ(script.put, (Numbers{6, 6}));
  EXPECT_EQ(twice->record_counts().released_by_extension, 1u);
  EXPECT_EQ(twice->record_counts().released_by_cancel, 1u);
}

TEST_F(Record, GivingBackTakesTheNewestEntry) {
  Assembler code;  // A, B, A again; one A given back: what is left was acquired in the order A, B
  code.enter();
  get(code, 1, rbx);
  get(code, 2, r12);
  code.set(rdi, 0);
  code.call_host(3, function("call"));
  get(code, 1, r13);
  put(code, r13);
  fault(code);
  script.on_call = [](std::uint64_t) { return script.taken = 0; };
  run(install(code));
  EXPECT_EQ(script.put, (Numbers{1, 2, 1}));
}

TEST_F(Record, AThrowReleasesAndGivesItsCookie) {
  Assembler code;
  code.enter();
  get(code, 9, rbx);
  code.set(rdi, 0xfeedface12345678);
  code.call_host(4, function("bpf_throw"));
  code.raw({0x0f, 0x0b});  // never reached
  const Outcome outcome = run(install(code));
  EXPECT_EQ(outcome.kind, Outcome::Kind::thrown);
  EXPECT_EQ(outcome.cause, Cause::none);
  EXPECT_EQ(outcome.value, 0xfeedface12345678u);
  EXPECT_EQ(outcome.instruction, 1004u);
  EXPECT_EQ(script.put, Numbers{9});
}

TEST_F(Record, AHostFunctionMayCancelItsCaller) {
  Assembler code;
  code.enter();
  get(code, 9, rbx);
  code.call_host(5, function("call"));
  code.raw({0x0f, 0x0b});
  script.on_call = [](std::uint64_t) -> std::uint64_t {
    cancel_current_invocation();
    return 1;
  };
  const auto program = install(code);
  const Outcome outcome = run(program);
  EXPECT_EQ(outcome.cause, Cause::host_request);
  EXPECT_EQ(outcome.instruction, 1005u);
  EXPECT_EQ(outcome.value, 77u);
  EXPECT_EQ(script.put, Numbers{9});
  script.on_call = [](std::uint64_t) -> std::uint64_t {
    throw_in_current_invocation(31);
    cancel_current_invocation();  // the first request counts
    return 1;
  };
  EXPECT_EQ(run(program).kind, Outcome::Kind::thrown);
}

TEST_F(Record, RequestsOutsideAnInvocationDoNothing) {
  cancel_current_invocation();
  throw_in_current_invocation(1);
  Assembler code;
  code.set(rax, 6);
  code.ret();
  EXPECT_EQ(run(install(code)).value, 6u);
}

TEST_F(Record, TheLimitEndsTheInvocationBeforeTheAcquirerRuns) {
  Assembler code;
  code.enter();
  const auto again = code.here();
  code.set(rdi, 1);
  code.call_host(1, function("get"));
  code.jump(again);
  const auto program = install(code);
  const Outcome outcome = run(program);
  EXPECT_EQ(outcome.cause, Cause::object_limit);
  EXPECT_EQ(outcome.instruction, 1001u);
  EXPECT_EQ(script.taken, script.put.size());
  EXPECT_EQ(program->record_counts().acquired, program->record_counts().released_by_cancel);
  EXPECT_GE(script.taken, 256u);
}

TEST_F(Record, ANullWhereNoneWasPromisedEndsTheInvocation) {
  Assembler code;
  code.enter();
  code.set(rdi, 0);
  code.call_host(1, function("must_get"));
  code.raw({0x0f, 0x0b});
  EXPECT_EQ(run(install(code)).cause, Cause::host_request);
}

TEST_F(Record, GivingBackWhatIsNotHeldIsABug) {
  Assembler code;
  code.enter();
  code.set(rdi, reinterpret_cast<std::uint64_t>(&script.tokens[0]));
  code.call_host(1, function("put"));
  code.leave();
  const auto program = install(code);
  EXPECT_DEATH(run(program), "tenon: bug .*the record does not hold");
}

TEST_F(Record, ReturningWithSomethingHeldIsABug) {
  Assembler code;
  code.enter();
  get(code, 1, rbx);
  code.leave();
  const auto program = install(code);
  EXPECT_DEATH(run(program), "tenon: bug .*held an object");
}

// Memory arguments ------------------------------------------------------------------------------------------------------------------------------

struct MemoryCase {
  const char* name;
  std::int64_t offset;  ///< from the start of the globals
  std::uint64_t count;
  bool accepted;
};

class MemoryArgument : public ::testing::TestWithParam<MemoryCase> {};

Assembler memory_program(const char* name) {
  Assembler code;
  code.enter();
  code.call_host(1, function(name), 1);
  code.leave();
  return code;
}

TEST_P(MemoryArgument, IsCheckedAgainstWhatWasGranted) {
  for (const char* const name : {"read", "write", "fresh", "in_place", "maybe"}) {
    const auto heap = make_heap(1 << 20, 0, 2 * 4096);
    int calls = 0;
    script.on_memory = [&](void*, std::uint64_t) { return ++calls; };
    const Outcome outcome = run(install(memory_program(name), heap), heap->globals_address() + static_cast<std::uint64_t>(GetParam().offset), GetParam().count);
    EXPECT_EQ(calls, GetParam().accepted ? 1 : 0) << name;
    EXPECT_EQ(outcome.cause, GetParam().accepted ? Cause::none : Cause::argument) << name;
    script.on_memory = nullptr;
  }
}

INSTANTIATE_TEST_SUITE_P(Ranges, MemoryArgument,
                         ::testing::Values(MemoryCase{"all", 0, 8192, true}, MemoryCase{"last", 8191, 1, true}, MemoryCase{"one_more", 0, 8193, false},
                                           MemoryCase{"beyond", 8192, 1, false}, MemoryCase{"before", -1, 1, false},
                                           MemoryCase{"straddles", -1, 2, false}, MemoryCase{"huge", 0, 0xffffffff, false},
                                           MemoryCase{"nothing", -5, 0, true},
                                           // The parameter is a u32: the host function sees 3, so 3 is what is checked.
                                           MemoryCase{"upper_half_is_not_seen", 8189, (1ull << 40) + 3, true},
                                           // A guarded access would reduce this pointer to the window; so does the check.
                                           MemoryCase{"other_window", static_cast<std::int64_t>(5ull << 32), 8, true}),
                         [](const auto& info) { return info.param.name; });

TEST_F(Record, NullGoesOnlyWhereItMay) {
  script.on_memory = [](void* p, std::uint64_t) -> std::uint64_t { return p == nullptr; };
  EXPECT_EQ(run(install(memory_program("maybe")), 0, 9).value, 1u);
  EXPECT_EQ(run(install(memory_program("read")), 0, 9).cause, Cause::argument);
}

TEST_F(Record, AHostFunctionSeesACopyUnlessShared) {
  const auto heap = make_heap();
  auto* const heap_bytes = reinterpret_cast<unsigned char*>(heap->globals_address());
  for (const std::uint64_t n : {16u, 512u, 513u, 4096u}) {
    for (const char* const name : {"read", "write", "fresh", "in_place"}) {
      std::memset(heap_bytes, 'a', 4096);
      std::uint64_t seen = 0;
      unsigned char first = 0;
      const bool reads = std::strcmp(name, "read") == 0;
      script.on_memory = [&](void* p, std::uint64_t count) {
        seen = reinterpret_cast<std::uint64_t>(p);
        first = *static_cast<unsigned char*>(p);
        heap_bytes[count - 1] = 'b';  // another thread of the extension, meanwhile
        if (!reads) *static_cast<unsigned char*>(p) = 'c';
        return 0;
      };
      run(install(memory_program(name), heap), heap->globals_address(), n);
      const bool in_place = std::strcmp(name, "in_place") == 0;
      EXPECT_EQ(seen == heap->globals_address(), in_place) << name;
      EXPECT_EQ(first, std::strcmp(name, "fresh") == 0 ? 0 : 'a') << name;
      EXPECT_EQ(heap_bytes[0], reads ? 'a' : 'c') << name;
      // What is written back is the copy; what is only read stays what the other thread made of it.
      if (std::strcmp(name, "write") == 0) {
        EXPECT_EQ(heap_bytes[n - 1], 'a');
      }
      if (reads || in_place) {
        EXPECT_EQ(heap_bytes[n - 1], 'b') << name;
      }
    }
  }
}

TEST_F(Record, ACopyHasALimit) {
  const auto heap = make_heap(1ull << 30, 0, 65ull << 20);
  script.on_memory = [](void*, std::uint64_t) { return 1; };
  EXPECT_EQ(run(install(memory_program("read"), heap), heap->globals_address(), 64ull << 20).value, 1u);
  EXPECT_EQ(run(install(memory_program("read"), heap), heap->globals_address(), (64ull << 20) + 1).cause, Cause::argument);
  EXPECT_EQ(run(install(memory_program("in_place"), heap), heap->globals_address(), (64ull << 20) + 1).value, 1u);
}

TEST_F(Record, ProvedMemoryIsPassedAsItIs) {
  unsigned char host_memory[4] = {1, 2, 3, 4};
  void* seen = nullptr;
  script.on_memory = [&](void* p, std::uint64_t) {
    seen = p;
    return 0;
  };
  Assembler code;
  code.enter();
  code.call_host(1, function("write"), 0);
  code.leave();
  run(install(code), reinterpret_cast<std::uint64_t>(host_memory), 4);
  EXPECT_EQ(seen, host_memory);
}

}  // namespace
}  // namespace tenon::runtime::testing
