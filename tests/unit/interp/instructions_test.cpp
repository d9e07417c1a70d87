// SPDX-License-Identifier: Apache-2.0
// Every instruction against the hand-made table.
#include <gtest/gtest.h>

#include "support/assembler.hpp"
#include "support/instruction_cases.hpp"
#include "support/sandbox.hpp"

namespace tenon::test {
namespace {

AssembleOptions with_globals() { return {.globals = std::vector<std::byte>(64)}; }

void expect_r0(Sandbox& sandbox, const std::string& program, const InstructionCase& one) {
  SCOPED_TRACE(program);
  const interp::Run run = sandbox.run(sandbox.guard(assemble_program(program, with_globals())), {one.a, one.b});
  EXPECT_EQ(run.kind, Outcome::Kind::returned);
  EXPECT_EQ(run.value, one.expected) << std::hex << run.value << " instead of " << one.expected << " for " << one.a << ", " << one.b;
}

TEST(Instructions, Arithmetic) {
  Sandbox sandbox;
  for (const InstructionCase& one : arithmetic_cases()) expect_r0(sandbox, arithmetic_program(one), one);
}

TEST(Instructions, Branches) {
  Sandbox sandbox;
  for (const InstructionCase& one : branch_cases()) expect_r0(sandbox, branch_program(one), one);
}

TEST(Instructions, MemoryInGlobals) {
  Sandbox sandbox;
  for (const InstructionCase& one : memory_cases()) expect_r0(sandbox, memory_program(one, Place::globals), one);
}

TEST(Instructions, MemoryOnTheStack) {
  Sandbox sandbox;
  for (const InstructionCase& one : memory_cases()) expect_r0(sandbox, memory_program(one, Place::stack), one);
}

}  // namespace
}  // namespace tenon::test
