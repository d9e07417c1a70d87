// SPDX-License-Identifier: Apache-2.0
// Loads, stores and arithmetic.
#include <algorithm>
#include <utility>

#include "generator/pieces.hpp"

namespace tenon::fuzz {

void Generator::touch_memory() {
  const int index = any_variable([](const Variable& v) {
    return v.kind == Variable::Kind::memory || v.kind == Variable::Kind::context || (v.kind == Variable::Kind::object && v.bytes != 0);
  });
  const int plain = any_variable([](const Variable& v) { return v.kind == Variable::Kind::object; });
  const int chosen = index < 0 ? plain : index;
  if (chosen < 0) return touch_globals();
  const Variable variable = body_.variables[static_cast<std::size_t>(chosen)];
  const Code::Label skip = code().label();
  load(variable, Reg::r1);
  if (variable.maybe_null && !slip()) code().branch(CmpOp::eq, true, Reg::r1, Imm{0}, skip);
  std::optional<interface::StructIdx> view;
  if (variable.kind == Variable::Kind::context) view = variable.structure;
  if (variable.kind == Variable::Kind::object && variable.bytes == 0) view = declarations_.at(variable.type).view;
  if (view && !declarations_.at(*view).fields.empty()) {
    const interface::Field& field = random_.pick(declarations_.at(*view).fields);
    const auto width = static_cast<Width>(field.pointer ? 8 : field.type.bits / 8);
    const auto off = static_cast<std::int16_t>(field.offset + (slip() ? 4 : 0));
    if (!field.pointer && interface::may_write(field.access) && random_.percent(60)) {
      load_scalar(field.type, Reg::r2);
      code().add(isa::Store{width, Reg::r1, off, Reg::r2});
    } else {
      code().add(isa::Load{width, false, Reg::r0, Reg::r1, off});
    }
  } else if (variable.bytes != 0) {
    const std::uint64_t bytes = variable.bytes + (slip() ? 8 : 0);
    const Width width = static_cast<Width>(1u << random_.below(bytes >= 8 ? 4 : 1));
    std::uint64_t off = random_.below(bytes - std::min<std::uint64_t>(bytes, isa::bytes(width)) + 1);
    if (random_.percent(30)) {  // at an index that is only known to be small
      code().add(isa::LoadImm{Reg::r2, isa::LoadImm::Kind::global, random_.below(8) * 8});
      code().add(isa::Load{Width::w8, false, Reg::r2, Reg::r2, 0});
      if (random_.percent(50))
        code().add(isa::Alu{AluOp::bit_and, true, Reg::r2, Imm{static_cast<std::int64_t>(bytes > 7 ? 7 : 0)}});
      else
        code().branch(CmpOp::ugt, random_.percent(90), Reg::r2, Imm{static_cast<std::int64_t>(bytes - 1)}, skip);
      code().add(isa::Alu{AluOp::add, true, Reg::r1, Reg::r2});
      off = 0;
    }
    const Width w = random_.percent(50) && off == 0 ? Width::w1 : width;
    if (interface::may_write(variable.access) && random_.percent(50))
      code().add(isa::Store{w, Reg::r1, static_cast<std::int16_t>(off), Imm{1}});
    else
      code().add(isa::Load{w, false, Reg::r0, Reg::r1, static_cast<std::int16_t>(off)});
  }
  code().place(skip);
}

void Generator::touch_packet() {
  const int index = any_variable([](const Variable& v) { return v.kind == Variable::Kind::context; });
  if (index < 0) return touch_memory();
  const Variable variable = body_.variables[static_cast<std::size_t>(index)];
  const interface::Struct& structure = declarations_.at(variable.structure);
  if (structure.ranges.empty() || variable.maybe_null) return touch_memory();
  const interface::MemRange& range = random_.pick(structure.ranges);
  if (range.pointer_bytes != 8) return;
  const std::size_t m = random_.below(range.marks.size() - 1);
  const Code::Label skip = code().label(), head = code().label();
  load(variable, Reg::r1);
  code().add(isa::Load{Width::w8, false, Reg::r2, Reg::r1, static_cast<std::int16_t>(range.marks[m].offset)});
  code().add(isa::Load{Width::w8, false, Reg::r3, Reg::r1, static_cast<std::int16_t>(range.marks[m + 1].offset)});
  const std::int64_t bytes = static_cast<std::int64_t>(1 + random_.below(12));
  const bool loops = random_.percent(30);
  if (loops) code().place(head);
  move(Reg::r4, Reg::r2);
  if (random_.percent(30)) {  // from an index out of the heap
    code().add(isa::LoadImm{Reg::r5, isa::LoadImm::Kind::global, random_.below(8) * 8});
    code().add(isa::Load{random_.percent(50) ? Width::w1 : Width::w4, false, Reg::r5, Reg::r5, 0});
    code().add(isa::Alu{AluOp::add, true, Reg::r2, Reg::r5});
    move(Reg::r4, Reg::r2);
  }
  code().add(isa::Alu{AluOp::add, true, Reg::r4, Imm{bytes}});
  static const std::vector<CmpOp> kChecks{CmpOp::ugt, CmpOp::ugt, CmpOp::ugt, CmpOp::uge};
  code().branch(slip() ? static_cast<CmpOp>(random_.below(11)) : random_.pick(kChecks), true, Reg::r4, Reg::r3, skip);
  const std::int64_t width = bytes >= 8 ? 8 : bytes >= 4 ? 4 : bytes >= 2 ? 2 : 1;
  const auto off =
      static_cast<std::int16_t>(static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(bytes - width + 1))) + (slip() ? 1 : 0));
  if (interface::may_write(range.access) && random_.percent(50))
    code().add(isa::Store{static_cast<Width>(width), Reg::r2, off, Imm{3}});
  else if (interface::may_read(range.access))
    code().add(isa::Load{static_cast<Width>(width), false, Reg::r0, Reg::r2, off});
  if (loops) {
    code().add(isa::Alu{AluOp::add, true, Reg::r2, Imm{1 + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(bytes)))}});
    code().jump(head);
  }
  code().place(skip);
}

void Generator::touch_globals() {
  code().add(isa::LoadImm{Reg::r1, isa::LoadImm::Kind::global, random_.below(16) * 8});
  if (random_.percent(50)) {
    Variable made;
    made.home = new_home();
    code().add(isa::Load{random_.percent(50) ? Width::w8 : Width::w1, false, Reg::r0, Reg::r1, 0});
    store(Reg::r0, made);
    add(made);
  } else {
    const int variable = any_variable([](const Variable& v) { return v.kind == Variable::Kind::scalar; });
    const int object = any_variable([](const Variable& v) { return v.kind == Variable::Kind::object; });
    const int chosen = object >= 0 && slip() ? object : variable;
    if (chosen < 0) return;
    load(body_.variables[static_cast<std::size_t>(chosen)], Reg::r2);
    code().add(isa::Store{Width::w8, Reg::r1, 0, Reg::r2});
  }
}

/// In the globals, or in a field of the context.
void Generator::touch_atomically() {
  const int index = any_variable([](const Variable& v) { return v.kind == Variable::Kind::context && !v.maybe_null; });
  Width width = random_.percent(50) ? Width::w4 : Width::w8;
  std::int16_t off = 0;
  if (index >= 0 && random_.percent(50) && !declarations_.at(body_.variables[static_cast<std::size_t>(index)].structure).fields.empty()) {
    const interface::Field& field = random_.pick(declarations_.at(body_.variables[static_cast<std::size_t>(index)].structure).fields);
    load(body_.variables[static_cast<std::size_t>(index)], Reg::r1);
    width = static_cast<Width>(field.type.bits / 8);
    off = static_cast<std::int16_t>(field.offset);
  } else {
    code().add(isa::LoadImm{Reg::r1, isa::LoadImm::Kind::global, random_.below(16) * 8});
  }
  move(Reg::r2, imm(random_.below(6)));
  switch (random_.below(4)) {
    case 0:
      return code().add(isa::LoadAcquire{width, Reg::r0, Reg::r1, off});
    case 1:
      return code().add(isa::StoreRelease{width, Reg::r1, Reg::r2, off});
    default:
      move(Reg::r0, imm(0));
      return code().add(
          isa::Atomic{static_cast<isa::AtomicOp>(random_.below(6)), true, random_.percent(50) ? Width::w4 : Width::w8, Reg::r1, Reg::r2, off});
  }
}

/// Bytes of the stack at an index that is only known to be small.
void Generator::touch_array() {
  for (int at = 0; at < 64; at += 8) {
    if (!slip()) code().add(isa::Store{Width::w8, Reg::r10, static_cast<std::int16_t>(at - kBuffer), Imm{at}});
  }
  code().add(isa::LoadImm{Reg::r1, isa::LoadImm::Kind::global, random_.below(8) * 8});
  code().add(isa::Load{Width::w8, false, Reg::r1, Reg::r1, 0});
  if (random_.percent(50)) {
    code().add(isa::Alu{AluOp::bit_and, true, Reg::r1, Imm{slip() ? 15 : 7}});
    code().add(isa::Alu{AluOp::lsh, true, Reg::r1, Imm{3}});
  } else {
    code().add(isa::Alu{AluOp::umod, random_.percent(50), Reg::r1, Imm{57}});
  }
  move(Reg::r2, Reg::r10);
  code().add(isa::Alu{AluOp::add, true, Reg::r2, Reg::r1});
  const int object = any_variable([](const Variable& v) { return v.kind == Variable::Kind::object; });
  if (random_.percent(50))
    code().add(isa::Load{Width::w8, false, Reg::r0, Reg::r2, -kBuffer});
  else if (object >= 0 && slip())
    load(body_.variables[static_cast<std::size_t>(object)], Reg::r3), code().add(isa::Store{Width::w8, Reg::r2, -kBuffer, Reg::r3});
  else
    code().add(isa::Store{Width::w8, Reg::r2, -kBuffer, Imm{5}});
}

void Generator::arithmetic() {
  Variable made;
  made.home = new_home();
  const int variable = any_variable([](const Variable& v) { return v.kind == Variable::Kind::scalar; });
  if (variable >= 0)
    load(body_.variables[static_cast<std::size_t>(variable)], Reg::r0);
  else
    move(Reg::r0, imm(random_.below(16)));
  switch (random_.below(12)) {
    case 0:
      code().add(isa::MoveSx{static_cast<std::uint8_t>(8u << random_.below(3)), true, Reg::r0, Reg::r0});
      break;
    case 1:
      code().add(isa::Neg{random_.percent(50), Reg::r0});
      break;
    case 2:
      code().add(isa::ByteSwap{isa::ByteSwap::Kind::swap, static_cast<std::uint8_t>(16u << random_.below(3)), Reg::r0});
      break;
    default:
      code().add(isa::Alu{static_cast<AluOp>(random_.below(14)), random_.percent(60), Reg::r0, imm(random_.below(40))});
      break;
  }
  store(Reg::r0, made);
  add(made);
}

}  // namespace tenon::fuzz
