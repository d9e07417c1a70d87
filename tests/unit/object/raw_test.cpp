// SPDX-License-Identifier: Apache-2.0
// Bare instruction streams, as `tenon conformance` reads them.
#include <gtest/gtest.h>

#include "isa/decode.hpp"
#include "unit/object/compile.hpp"

namespace tenon::object {
namespace {

using isa::AluOp;
using isa::Call;
using isa::Exit;
using isa::Imm;
using isa::Insn;
using isa::LoadImm;
using isa::Reg;

std::vector<std::byte> code_of(const std::vector<Insn>& insns) {
  std::vector<std::byte> code;
  for (const Insn& insn : insns) {
    const auto bytes = isa::encode(insn, static_cast<std::uint32_t>(code.size() / 8));
    code.insert(code.end(), bytes.begin(), bytes.end());
  }
  return code;
}

const Insn kOne = isa::Alu{AluOp::mov, true, Reg::r0, Imm{1}};

TEST(Raw, CallsHelpersAndCallx) {
  const auto program =
      decode_raw(code_of({Call{Call::Kind::local, 4}, Call{Call::Kind::host, 5}, Call{Call::Kind::indirect, 3}, Exit{}, kOne, Exit{}}), "t", "raw");
  ASSERT_TRUE(program) << to_text(program.error());
  EXPECT_EQ(program->name(), "t");
  EXPECT_EQ(program->hook(), "raw");
  ASSERT_EQ(program->functions().size(), 2u);
  EXPECT_EQ(program->functions()[1].begin, ir::InsnIdx(4));
  EXPECT_EQ(program->insn(ir::InsnIdx(0)), Insn(Call{Call::Kind::local, 1}));
  EXPECT_EQ(program->externs(), std::vector<std::string>{"helper#5"});
  EXPECT_EQ(program->insn(ir::InsnIdx(2)), Insn(Call{Call::Kind::indirect, 3}));
}

TEST(Raw, FunctionAddressesAreRelativeToTheirSlot) {
  std::vector<std::byte> code = code_of({LoadImm{Reg::r1, LoadImm::Kind::function, 3}, Call{Call::Kind::indirect, 1}, Exit{}, kOne, Exit{}});
  const auto program = decode_raw(code, "t", "raw");
  ASSERT_TRUE(program) << to_text(program.error());
  ASSERT_EQ(program->functions().size(), 2u);
  EXPECT_EQ(program->functions()[1].value, 0u);
  EXPECT_EQ(program->globals()->functions.size(), 1u);
  EXPECT_EQ(program->insn(ir::InsnIdx(0)), Insn(LoadImm{Reg::r1, LoadImm::Kind::function, 1}));
}

TEST(Raw, TargetsCountInstructions) {
  const auto program = decode_raw(code_of({isa::Jump{3}, LoadImm{Reg::r1, LoadImm::Kind::plain, 7}, kOne, Exit{}}), "t", "raw");
  ASSERT_TRUE(program) << to_text(program.error());
  EXPECT_EQ(program->insn(ir::InsnIdx(0)), Insn(isa::Jump{2}));
  EXPECT_EQ(program->slot(ir::InsnIdx(2)), 3u);
}

TEST(Raw, Refusals) {
  const auto verdict = [](const std::vector<Insn>& insns) { return test::code_of(decode_raw(code_of(insns), "t", "raw")); };
  EXPECT_EQ(verdict({}), "E0122");
  EXPECT_EQ(verdict({kOne}), "E0132");
  EXPECT_EQ(verdict({kOne, Exit{}}), "ok");
  EXPECT_EQ(verdict({isa::Jump{2}, LoadImm{Reg::r1, LoadImm::Kind::plain, 7}, Exit{}}), "E0133");
  EXPECT_EQ(verdict({isa::Jump{4}, kOne, Exit{}}), "E0124");
  EXPECT_EQ(verdict({Call{Call::Kind::local, 9}, Exit{}}), "E0117");
  EXPECT_EQ(verdict({Call{Call::Kind::local, 2}, LoadImm{Reg::r1, LoadImm::Kind::plain, 7}, Exit{}}), "E0122") << "into an immediate";
  EXPECT_EQ(verdict({Call{Call::Kind::kfunc, 9}, Exit{}}), "E0117");
  EXPECT_EQ(verdict({LoadImm{Reg::r1, LoadImm::Kind::map, 0}, Exit{}}), "E0117");
  EXPECT_EQ(verdict({LoadImm{Reg::r1, LoadImm::Kind::global, 0}, Exit{}}), "E0117");
  std::vector<std::byte> half = code_of({kOne, Exit{}});
  half.pop_back();
  EXPECT_EQ(test::code_of(decode_raw(half, "t", "raw")), "E0122");
}

}  // namespace
}  // namespace tenon::object
