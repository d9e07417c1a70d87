// SPDX-License-Identifier: Apache-2.0
#include "code.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "isa/decode.hpp"

namespace tenon::fuzz {

using isa::Reg;

namespace {

/// The target of a jump or branch, to change.
std::uint32_t* target_of(isa::Insn& insn) {
  if (auto* jump = std::get_if<isa::Jump>(&insn)) return &jump->target;
  if (auto* branch = std::get_if<isa::Branch>(&insn)) return &branch->target;
  return nullptr;
}

Reg any_register(Random& random) { return static_cast<Reg>(random.below(10)); }

std::int64_t nearby(std::int64_t value, Random& random) {
  static const std::vector<std::int64_t> kSteps{1, -1, 8, -8, 4, -4, 16, 2};
  return random.percent(80) ? value + random.pick(kSteps) : static_cast<std::int32_t>(random.next());
}

void change_registers(isa::Insn& insn, Random& random) {
  const bool first = random.percent(50);
  std::visit(isa::Overloaded{
                 [&](isa::Alu& i) { first || !std::holds_alternative<Reg>(i.src) ? void(i.dst = any_register(random)) : void(i.src = any_register(random)); },
                 [&](isa::Neg& i) { i.dst = any_register(random); },
                 [&](isa::MoveSx& i) { (first ? i.dst : i.src) = any_register(random); },
                 [&](isa::ByteSwap& i) { i.dst = any_register(random); },
                 [&](isa::AddrSpaceCast& i) { (first ? i.dst : i.src) = any_register(random); },
                 [&](isa::LoadImm& i) { i.dst = any_register(random); },
                 [&](isa::Load& i) { first ? i.dst = any_register(random) : i.base = static_cast<Reg>(random.below(11)); },
                 [&](isa::Store& i) { first ? void(i.base = static_cast<Reg>(random.below(11))) : void(i.src = any_register(random)); },
                 [&](isa::Branch& i) { first || !std::holds_alternative<Reg>(i.src) ? void(i.dst = any_register(random)) : void(i.src = any_register(random)); },
                 [&](auto&) {},
             },
             insn);
}

void change_numbers(isa::Insn& insn, Random& random) {
  const auto change = [&](isa::Operand& operand) {
    if (auto* imm = std::get_if<isa::Imm>(&operand)) imm->value = static_cast<std::int32_t>(nearby(imm->value, random));
  };
  std::visit(isa::Overloaded{
                 [&](isa::Alu& i) { change(i.src); },
                 [&](isa::Load& i) { i.off = static_cast<std::int16_t>(nearby(i.off, random)); },
                 [&](isa::Store& i) { random.percent(50) ? change(i.src) : void(i.off = static_cast<std::int16_t>(nearby(i.off, random))); },
                 [&](isa::Branch& i) { change(i.src); },
                 [&](isa::LoadImm& i) { i.value = i.kind == isa::LoadImm::Kind::plain ? random.next() : i.value; },
                 [&](auto&) {},
             },
             insn);
}

void change_kind(ir::Parts& parts, isa::Insn& insn, const interface::Declarations& declarations, Random& random) {
  static const std::vector<isa::Width> kWidths{isa::Width::w1, isa::Width::w2, isa::Width::w4, isa::Width::w8};
  std::visit(isa::Overloaded{
                 [&](isa::Alu& i) { random.percent(30) ? void(i.is64 = !i.is64) : void(i.op = static_cast<isa::AluOp>(random.below(14))); },
                 [&](isa::Load& i) { i.width = random.pick(kWidths); },
                 [&](isa::Store& i) { i.width = random.pick(kWidths); },
                 [&](isa::Branch& i) { random.percent(30) ? void(i.is64 = !i.is64) : void(i.op = static_cast<isa::CmpOp>(random.below(11))); },
                 [&](isa::Call& i) {
                   if (i.kind != isa::Call::Kind::host) return;
                   const interface::Function& callee = declarations.functions[random.below(declarations.functions.size())];
                   const auto known = std::find(parts.externs.begin(), parts.externs.end(), callee.name);
                   i.target = static_cast<std::uint32_t>(known - parts.externs.begin());
                   if (known == parts.externs.end()) parts.externs.push_back(callee.name);
                 },
                 [&](auto&) {},
             },
             insn);
}

std::size_t function_at(const ir::Parts& parts, std::size_t at) {
  for (std::size_t f = 0; f < parts.functions.size(); ++f) {
    if (at < parts.functions[f].end.index()) return f;
  }
  return parts.functions.size() - 1;
}

void retarget(ir::Parts& parts, std::size_t at, Random& random) {
  const ir::Function& function = parts.functions[function_at(parts, at)];
  if (std::uint32_t* const target = target_of(parts.insns[at])) {
    *target = static_cast<std::uint32_t>(function.begin.index() + random.below(function.end.index() - function.begin.index()));
  }
}

void number_slots(ir::Parts& parts) {
  parts.slots.clear();
  std::uint32_t slot = 0;
  for (const isa::Insn& insn : parts.insns) {
    parts.slots.push_back(slot);
    slot += std::holds_alternative<isa::LoadImm>(insn) ? 2 : 1;
  }
}

}  // namespace

std::vector<isa::Insn> Code::finish(std::size_t base) const {
  std::vector<isa::Insn> made = insns_;
  for (isa::Insn& insn : made) {
    if (std::uint32_t* const target = target_of(insn)) *target = static_cast<std::uint32_t>(base + places_.at(*target));
  }
  return made;
}

void insert(ir::Parts& parts, std::size_t at, isa::Insn insn) {
  for (isa::Insn& other : parts.insns) {
    if (std::uint32_t* const target = target_of(other); target != nullptr && *target > at) ++*target;
  }
  const std::size_t owner = function_at(parts, at);
  for (std::size_t f = owner; f < parts.functions.size(); ++f) {
    if (f > owner) ++parts.functions[f].begin;
    ++parts.functions[f].end;
  }
  if (std::uint32_t* const target = target_of(insn); target != nullptr && *target > at) ++*target;
  parts.insns.insert(parts.insns.begin() + static_cast<std::ptrdiff_t>(at), std::move(insn));
  number_slots(parts);
}

void erase(ir::Parts& parts, std::size_t at) {
  const std::size_t owner = function_at(parts, at);
  if (parts.functions[owner].end.index() - parts.functions[owner].begin.index() <= 1) return;
  parts.insns.erase(parts.insns.begin() + static_cast<std::ptrdiff_t>(at));
  for (isa::Insn& other : parts.insns) {
    if (std::uint32_t* const target = target_of(other); target != nullptr && *target > at) --*target;
  }
  for (std::size_t f = owner; f < parts.functions.size(); ++f) {
    if (f > owner) parts.functions[f].begin = ir::InsnIdx(parts.functions[f].begin.value - 1);
    parts.functions[f].end = ir::InsnIdx(parts.functions[f].end.value - 1);
  }
  number_slots(parts);
}

void mutate(ir::Parts& parts, const interface::Declarations& declarations, Random& random) {
  for (std::uint64_t edits = 1 + random.below(3); edits > 0; --edits) {
    const std::size_t at = random.below(parts.insns.size()), other = random.below(parts.insns.size());
    switch (random.below(8)) {
      case 0:
        erase(parts, at);
        break;
      case 1:
        insert(parts, at, parts.insns[other]);
        break;
      case 2:
        if (function_at(parts, at) == function_at(parts, other)) std::swap(parts.insns[at], parts.insns[other]);
        break;
      case 3:
        retarget(parts, at, random);
        break;
      case 4:
        change_registers(parts.insns[at], random);
        break;
      case 5:
        change_numbers(parts.insns[at], random);
        break;
      case 6:
        change_kind(parts, parts.insns[at], declarations, random);
        break;
      default:
        if (at + 1 < parts.insns.size() && function_at(parts, at) == function_at(parts, at + 1)) std::swap(parts.insns[at], parts.insns[at + 1]);
        break;
    }
  }
}

std::string to_assembly(const ir::Parts& parts) {
  std::string text;
  for (std::size_t f = 0; f < parts.functions.size(); ++f) {
    const ir::Function& function = parts.functions[f];
    text += fmt::format("fn {}({}):\n", function.name, function.parameters);
    for (std::size_t i = function.begin.index(); i < function.end.index(); ++i) {
      const isa::Insn& insn = parts.insns[i];
      std::string line = isa::disassemble(insn);
      if (const auto* call = std::get_if<isa::Call>(&insn); call != nullptr && call->kind == isa::Call::Kind::host) {
        line = "call " + parts.externs[call->target];
      } else if (call != nullptr && call->kind == isa::Call::Kind::local) {
        line = "call " + parts.functions[call->target].name;
      } else if (const auto* load = std::get_if<isa::LoadImm>(&insn); load != nullptr && load->kind == isa::LoadImm::Kind::function) {
        line = fmt::format("r{} = &{}", isa::index(load->dst), parts.functions[load->value].name);
      }
      text += fmt::format("  {:<56} # {}\n", line, i);
    }
  }
  return text;
}

}  // namespace tenon::fuzz
