// SPDX-License-Identifier: Apache-2.0
// The shared model of the operators against the hand-made table of instructions: text in, pure function out.
#include "isa/semantics.hpp"

#include <gtest/gtest.h>

#include "support/assembler.hpp"
#include "support/instruction_cases.hpp"

namespace tenon::test {
namespace {

std::uint64_t value_of(const isa::Operand& operand, std::uint64_t b) {
  return std::holds_alternative<isa::Imm>(operand) ? static_cast<std::uint64_t>(std::get<isa::Imm>(operand).value) : b;
}

TEST(Semantics, ArithmeticTable) {
  for (const InstructionCase& one : arithmetic_cases()) {
    const ir::Parts parts = assemble(one.text);
    if (parts.insns.size() != 1) continue;
    SCOPED_TRACE(one.text);
    std::visit(isa::Overloaded{
                   [&](const isa::Alu& i) { EXPECT_EQ(isa::alu(i.op, i.is64, one.a, value_of(i.src, one.b)), one.expected); },
                   [&](const isa::Neg& i) { EXPECT_EQ(isa::negate(i.is64, one.a), one.expected); },
                   [&](const isa::MoveSx& i) { EXPECT_EQ(isa::move_sign_extended(i.from_bits, i.is64, one.b), one.expected); },
                   [&](const isa::ByteSwap& i) { EXPECT_EQ(isa::byte_swap(i.kind, i.bits, one.a), one.expected); },
                   [](const auto&) {},
               },
               parts.insns[0]);
  }
}

TEST(Semantics, BranchTable) {
  for (const InstructionCase& one : branch_cases()) {
    const ir::Parts parts = assemble(branch_program(one));
    SCOPED_TRACE(one.text);
    if (const auto* branch = std::get_if<isa::Branch>(&parts.insns[1])) {
      EXPECT_EQ(isa::compare(branch->op, branch->is64, one.a, value_of(branch->src, one.b)), one.expected == 1);
    }
  }
}

TEST(Semantics, Atomics) {
  using isa::AtomicOp, isa::Width;
  EXPECT_EQ(isa::atomic(AtomicOp::add, Width::w4, 0xffffffff, 1, 0), 0u);
  EXPECT_EQ(isa::atomic(AtomicOp::add, Width::w8, 0xffffffff, 1, 0), 0x100000000u);
  EXPECT_EQ(isa::atomic(AtomicOp::cmpxchg, Width::w4, 5, 9, 0x100000005), 9u);
  EXPECT_EQ(isa::atomic(AtomicOp::cmpxchg, Width::w8, 5, 9, 0x100000005), 5u);
}

}  // namespace
}  // namespace tenon::test
