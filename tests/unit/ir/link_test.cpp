// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "ir/graph.hpp"
#include "ir/liveness.hpp"
#include "ir/program.hpp"

namespace tenon::ir {
namespace {

using isa::Alu;
using isa::AluOp;
using isa::Branch;
using isa::Call;
using isa::CmpOp;
using isa::Exit;
using isa::Imm;
using isa::Jump;
using isa::LoadImm;
using isa::MayGoto;
using isa::Reg;

const isa::Insn kZero = Alu{AluOp::mov, true, Reg::r0, Imm{0}};

/// A program of one function unless `parts.functions` says otherwise; slots count like the instructions.
Parts parts_of(std::vector<isa::Insn> insns, std::vector<Function> functions = {}) {
  Parts parts;
  parts.name = "f";
  parts.hook = "raw";
  parts.insns = std::move(insns);
  for (std::uint32_t i = 0; i < parts.insns.size(); ++i) parts.slots.push_back(100 + i);
  parts.functions = std::move(functions);
  if (parts.functions.empty()) parts.functions.push_back({.name = "f", .begin = InsnIdx(0), .end = InsnIdx(parts.insns.size()), .is_global = true});
  Globals globals;
  globals.initial.resize(16);
  globals.functions = {"g"};
  parts.globals = std::make_shared<const Globals>(std::move(globals));
  return parts;
}

Function function(std::string name, unsigned begin, unsigned end) { return {.name = std::move(name), .begin = InsnIdx(begin), .end = InsnIdx(end)}; }

std::string verdict(Parts parts) {
  const auto program = link(std::move(parts));
  if (program) return "ok";
  EXPECT_EQ(program.error().size(), 1u);
  EXPECT_FALSE(program.error().front().message.empty());
  return program.error().front().code;
}

TEST(Link, RefusesWhatDoesNotHold) {
  const auto with = [](std::vector<isa::Insn> insns, const std::function<void(Parts&)>& change = {}) {
    Parts parts = parts_of(std::move(insns));
    if (change) change(parts);
    return verdict(std::move(parts));
  };
  EXPECT_EQ(with({kZero, Exit{}}), "ok");
  EXPECT_EQ(with({}), "E0130");
  EXPECT_EQ(with({kZero, Exit{}}, [](Parts& p) { p.slots.pop_back(); }), "E0130");
  EXPECT_EQ(with({kZero}), "E0132") << "falls off the end";
  EXPECT_EQ(with({kZero, Branch{CmpOp::eq, true, Reg::r0, Imm{0}, 0}}), "E0132") << "a branch falls through";
  EXPECT_EQ(with({kZero, MayGoto{0}}), "E0132");
  EXPECT_EQ(with({kZero, Call{Call::Kind::local, 0}}), "ok") << "a call may end a function: perhaps it never returns";
  EXPECT_EQ(with({Jump{0}}), "ok") << "an endless loop is a program";
  EXPECT_EQ(with({Jump{1}}), "E0133");
  EXPECT_EQ(with({Branch{CmpOp::eq, true, Reg::r1, Imm{0}, 2}, Exit{}}), "E0133");
  EXPECT_EQ(with({MayGoto{7}, Exit{}}), "E0133");
  EXPECT_EQ(with({Call{Call::Kind::host, 0}, Exit{}}), "E0134");
  EXPECT_EQ(with({Call{Call::Kind::host, 0}, Exit{}}, [](Parts& p) { p.externs = {"token_get"}; }), "ok");
  EXPECT_EQ(with({Call{Call::Kind::local, 1}, Exit{}}), "E0134");
  EXPECT_EQ(with({Call{Call::Kind::kfunc, 0}, Exit{}}, [](Parts& p) { p.externs = {"token_get"}; }), "E0134");
  EXPECT_EQ(with({Call{Call::Kind::indirect, 11}, Exit{}}), "E0125");
  EXPECT_EQ(with({Call{Call::Kind::indirect, 3}, Exit{}}), "ok");
  EXPECT_EQ(with({Alu{AluOp::add, true, Reg::r10, Imm{8}}, Exit{}}), "E0126");
  EXPECT_EQ(with({LoadImm{Reg::r10, LoadImm::Kind::plain, 8}, Exit{}}), "E0126");
  EXPECT_EQ(with({LoadImm{Reg::r1, LoadImm::Kind::global, 16}, Exit{}}), "ok") << "one past the end";
  EXPECT_EQ(with({LoadImm{Reg::r1, LoadImm::Kind::global, 17}, Exit{}}), "E0135");
  EXPECT_EQ(with({LoadImm{Reg::r1, LoadImm::Kind::map, 0}, Exit{}}), "E0135");
  EXPECT_EQ(with({LoadImm{Reg::r1, LoadImm::Kind::map, 0}, Exit{}}, [](Parts& p) { p.maps.push_back({}); }), "ok");
  EXPECT_EQ(with({LoadImm{Reg::r1, LoadImm::Kind::function, 0}, Exit{}}), "E0135") << "its address is not taken";
  EXPECT_EQ(with({LoadImm{Reg::r1, LoadImm::Kind::function, 1}, Exit{}}), "E0135");
  EXPECT_EQ(with({LoadImm{Reg::r1, LoadImm::Kind::function, 0}, Exit{}}, [](Parts& p) { p.functions[0].value = 0; }), "ok");
  EXPECT_EQ(with({Exit{}}, [](Parts& p) { p.functions[0].value = 1; }), "E0131");
}

TEST(Link, FunctionsCoverEveryInstruction) {
  const std::vector<isa::Insn> insns{Exit{}, Exit{}, Exit{}};
  EXPECT_EQ(verdict(parts_of(insns, {function("a", 0, 1), function("b", 1, 3)})), "ok");
  EXPECT_EQ(verdict(parts_of(insns, {function("a", 0, 1), function("b", 2, 3)})), "E0131");
  EXPECT_EQ(verdict(parts_of(insns, {function("a", 0, 2), function("b", 1, 3)})), "E0131");
  EXPECT_EQ(verdict(parts_of(insns, {function("a", 0, 1), function("b", 1, 1), function("c", 1, 3)})), "E0131");
  EXPECT_EQ(verdict(parts_of(insns, {function("a", 0, 2)})), "E0131");
  EXPECT_EQ(verdict(parts_of(insns, {function("a", 0, 4)})), "E0131");
  EXPECT_EQ(verdict(parts_of({Jump{1}, Exit{}}, {function("a", 0, 1), function("b", 1, 2)})), "E0133") << "a jump into another function";
}

TEST(Link, LinesAreSortedAndKnown) {
  const auto with = [](std::vector<Line> lines) {
    Parts parts = parts_of({kZero, kZero, Exit{}});
    parts.files = {"f.c"};
    parts.lines = std::move(lines);
    return verdict(std::move(parts));
  };
  EXPECT_EQ(with({{InsnIdx(0), 0, 1, 1, "a"}, {InsnIdx(2), 0, 2, 1, "b"}}), "ok");
  EXPECT_EQ(with({{InsnIdx(2), 0, 1, 1, "a"}, {InsnIdx(0), 0, 2, 1, "b"}}), "E0136");
  EXPECT_EQ(with({{InsnIdx(1), 0, 1, 1, "a"}, {InsnIdx(1), 0, 2, 1, "b"}}), "E0136");
  EXPECT_EQ(with({{InsnIdx(3), 0, 1, 1, "a"}}), "E0136");
  EXPECT_EQ(with({{InsnIdx(0), 1, 1, 1, "a"}}), "E0136");
}

TEST(Link, TooManyInstructions) {
  std::vector<isa::Insn> insns(kMaxInsns, kZero);
  insns.back() = Exit{};
  EXPECT_EQ(verdict(parts_of(insns)), "ok");
  insns.insert(insns.begin(), kZero);
  EXPECT_EQ(verdict(parts_of(insns)), "E0130");
}

TEST(Link, SaysWhereInTheSource) {
  Parts parts = parts_of({kZero, Jump{9}});
  parts.files = {"f.c"};
  parts.lines = {{InsnIdx(1), 0, 41, 9, "goto out;"}};
  const auto program = link(std::move(parts));
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().front().instruction, 101u);
  EXPECT_EQ(program.error().front().instruction_text, "goto 9");
  EXPECT_EQ(program.error().front().where, (SourceLocation{"f.c", 41, 9, "goto out;"}));
}

/// 0: r0 = 0   1: if r1 == 0 goto 4   2: r0 += r2   3: goto 1   4: exit; then g: 5: exit
Program loop() {
  Parts parts = parts_of({kZero, Branch{CmpOp::eq, true, Reg::r1, Imm{0}, 4}, Alu{AluOp::add, true, Reg::r0, Reg::r2}, Jump{1}, Exit{}, Exit{}},
                         {function("f", 0, 5), function("g", 5, 6)});
  parts.files = {"f.c"};
  parts.lines = {{InsnIdx(1), 0, 10, 1, "while (n)"}, {InsnIdx(4), 0, 12, 1, "return"}};
  return link(std::move(parts)).value();
}

TEST(Graph, BlocksAndEdges) {
  const Program program = loop();
  ASSERT_EQ(program.blocks().size(), 5u);
  const std::vector<BlockIdx> branch_successors{BlockIdx(2), BlockIdx(3)}, header_predecessors{BlockIdx(0), BlockIdx(2)};
  EXPECT_EQ(program.block(BlockIdx(1)).successors, branch_successors) << "fall-through first";
  EXPECT_EQ(program.block(BlockIdx(1)).predecessors, header_predecessors);
  EXPECT_TRUE(program.block(BlockIdx(3)).successors.empty());
  EXPECT_EQ(program.function_of(InsnIdx(4)), FunctionIdx(0));
  EXPECT_EQ(program.function_of(InsnIdx(5)), FunctionIdx(1));
  EXPECT_EQ(program.entry_block(FunctionIdx(1)), BlockIdx(4));
}

TEST(Graph, BothEdgesOfABranchToTheNextInstruction) {
  const auto program = link(parts_of({kZero, Branch{CmpOp::eq, true, Reg::r1, Imm{0}, 2}, Exit{}}));
  ASSERT_TRUE(program);
  EXPECT_EQ(program->block(BlockIdx(0)).successors, (std::vector<BlockIdx>{BlockIdx(1), BlockIdx(1)}));
}

TEST(Graph, CallsDoNotEndABlock) {
  const auto program = link(parts_of({Call{Call::Kind::local, 0}, Call{Call::Kind::indirect, 1}, Exit{}}));
  ASSERT_TRUE(program);
  EXPECT_EQ(program->blocks().size(), 1u);
}

TEST(Graph, ReversePostOrder) {
  const Program program = loop();
  EXPECT_EQ(reverse_post_order(program, FunctionIdx(0)), (std::vector<BlockIdx>{BlockIdx(0), BlockIdx(1), BlockIdx(3), BlockIdx(2)}));
  EXPECT_EQ(reverse_post_order(program, FunctionIdx(1)), (std::vector<BlockIdx>{BlockIdx(4)}));
  const auto dead = link(parts_of({Jump{2}, kZero, Exit{}}));
  EXPECT_EQ(reverse_post_order(*dead, FunctionIdx(0)).size(), 2u) << "unreachable blocks are left out";
}

TEST(Locate, HoldsUntilTheNextLineAndNotIntoTheNextFunction) {
  const Program program = loop();
  EXPECT_EQ(program.locate(InsnIdx(0)), SourceLocation{});
  EXPECT_EQ(program.locate(InsnIdx(1)).line, 10u);
  EXPECT_EQ(program.locate(InsnIdx(3)).line, 10u);
  EXPECT_EQ(program.locate(InsnIdx(4)).text, "return");
  EXPECT_EQ(program.line_of(InsnIdx(5)), nullptr);
}

TEST(Liveness, Loop) {
  const auto live = live_before(loop());
  EXPECT_EQ(live[0], 0b110) << "r1 and r2 come in";
  EXPECT_EQ(live[1], 0b111);
  EXPECT_EQ(live[3], 0b111) << "around the back edge";
  EXPECT_EQ(live[4], 0b001);
}

TEST(Liveness, CallsReadWhatTheirCalleeReads) {
  std::vector<Function> functions{function("f", 0, 3), function("g", 3, 7)};
  functions[0].returns_value = false;
  functions[1].parameters = 5;
  Parts parts = parts_of({Call{Call::Kind::local, 1}, Call{Call::Kind::host, 0}, Exit{}, kZero, Alu{AluOp::add, true, Reg::r0, Reg::r2},
                          Call{Call::Kind::local, 1}, Exit{}},
                         functions);
  parts.externs = {"token_get"};
  const Program program = link(std::move(parts)).value();
  EXPECT_EQ(live_before(program)[0], 0b100) << "g reads r2 only, whatever its prototype says";
  EXPECT_EQ(live_before(program)[1], 0b111110);
  EXPECT_EQ(live_before(program)[2], 0) << "f returns nothing";
  EXPECT_EQ(live_before(program)[4], 0b101);
  EXPECT_EQ(live_before(program)[5], 0b100) << "g calls itself";
  EXPECT_EQ(live_before(program)[6], 1) << "g returns a value";
  const std::uint8_t one_parameter[] = {1};
  EXPECT_EQ(live_before(program, one_parameter)[1], 0b10);
}

TEST(Text, NamesAndSlots) {
  std::vector<Function> functions{function("f", 0, 6), function("g", 6, 7)};
  functions[1].value = 0;
  Parts parts = parts_of({LoadImm{Reg::r1, LoadImm::Kind::global, 12}, LoadImm{Reg::r2, LoadImm::Kind::function, 1}, Call{Call::Kind::host, 0},
                          Call{Call::Kind::local, 1}, Branch{CmpOp::sgt, false, Reg::r1, Imm{5}, 0}, Exit{}, Exit{}},
                         functions);
  parts.externs = {"token_get"};
  Globals globals = *parts.globals;
  globals.sections = {{".data", 0, 8}, {".bss", 8, 8}};
  parts.globals = std::make_shared<const Globals>(globals);
  const Program program = link(std::move(parts)).value();
  EXPECT_EQ(instruction_text(program, InsnIdx(0)), "r1 = .bss + 4 ll");
  EXPECT_EQ(instruction_text(program, InsnIdx(1)), "r2 = function g ll");
  EXPECT_EQ(instruction_text(program, InsnIdx(2)), "call token_get");
  EXPECT_EQ(instruction_text(program, InsnIdx(3)), "call g");
  EXPECT_EQ(instruction_text(program, InsnIdx(4)), "if w1 s> 5 goto 100");
  EXPECT_EQ(to_text(program),
            "program f (hook raw): 7 instructions, 2 functions\n"
            "globals .data: 8 bytes at offset 0\n"
            "globals .bss: 8 bytes at offset 8\n"
            "\nstatic function f: 5 parameters\n"
            " b0: from b0, to b1 b0\n"
            "   100  r1 = .bss + 4 ll\n"
            "   101  r2 = function g ll\n"
            "   102  call token_get\n"
            "   103  call g\n"
            "   104  if w1 s> 5 goto 100\n"
            " b1: from b0\n"
            "   105  exit\n"
            "\nstatic function g: 5 parameters, address taken\n"
            " b2:\n"
            "   106  exit\n");
}

}  // namespace
}  // namespace tenon::ir
