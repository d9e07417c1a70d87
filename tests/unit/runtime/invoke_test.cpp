// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "unit/runtime/test_host.hpp"

namespace tenon::runtime::testing {
namespace {

TEST(Invoke, ReturnsR0) {
  Assembler code;
  code.copy(rax, rdi);
  for (const Reg reg : {rsi, rdx, rcx, r8}) {
    code.add(rax, rax);
    code.add(rax, reg);
  }
  code.ret();
  const Outcome outcome = run(install(code), 1, 2, 3, 4, 5);
  EXPECT_EQ(outcome.kind, Outcome::Kind::returned);
  EXPECT_EQ(outcome.value, (((1 * 2 + 2) * 2 + 3) * 2 + 4) * 2 + 5u);
}

TEST(Invoke, HostCallPassesArgumentsAndResult) {
  Assembler code;
  code.enter();
  code.call_host(3, function("plain"));
  code.leave();
  EXPECT_EQ(run(install(code), 1, 2, 3, 4, 5).value, 1u + 4 + 9 + 16 + 25);
}

TEST(Invoke, FaultBecomesAnOutcomeWithItsPlace) {
  const auto heap = make_heap();
  Assembler code;
  code.instruction(0);
  code.set(rax, abi::Relocation::Kind::heap_base, 0, 0x1230);
  code.instruction(5);
  code.load(rax, rax);
  code.instruction(6);
  code.ret();
  const auto program = install(code, heap);
  const Outcome outcome = run(program);  // its file name belongs to the program
  EXPECT_EQ(outcome.kind, Outcome::Kind::cancelled);
  EXPECT_EQ(outcome.cause, Cause::fault);
  EXPECT_EQ(outcome.instruction, 1005u);
  EXPECT_EQ(outcome.line, 15u);
  EXPECT_STREQ(outcome.file, "test.bpf.c");
  EXPECT_EQ(outcome.fault_address, heap->base() + 0x1230);
  EXPECT_EQ(outcome.value, 77u);
}

}  // namespace
}  // namespace tenon::runtime::testing
