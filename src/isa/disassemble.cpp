// SPDX-License-Identifier: Apache-2.0
// Instructions as text, in the syntax of `llvm-objdump --mcpu=v4 --no-print-imm-hex`, except that targets are absolute.
#include <fmt/format.h>

#include "isa/decode.hpp"
#include "isa/opcode_table.hpp"

namespace tenon::isa {
namespace {

std::string name(Reg reg, bool is64) { return fmt::format("{}{}", is64 ? 'r' : 'w', index(reg)); }

std::string text(const Operand& operand, bool is64) {
  if (const Reg* reg = std::get_if<Reg>(&operand)) return name(*reg, is64);
  return fmt::format("{}", std::get<Imm>(operand).value);
}

std::string address(Reg base, std::int16_t off) { return fmt::format("r{} {} {}", index(base), off < 0 ? '-' : '+', off < 0 ? -int{off} : int{off}); }

std::string access(Width width, bool sign_extend, Reg base, std::int16_t off) {
  return fmt::format("({}{} *)({})", sign_extend ? 's' : 'u', bytes(width) * 8, address(base, off));
}

bool is64(Width width) { return width == Width::w8; }

std::string text(const Atomic& insn) {
  const std::string src = name(insn.src, is64(insn.width));
  const std::string_view op = to_string(insn.op);
  if (insn.op == AtomicOp::cmpxchg || insn.op == AtomicOp::xchg) {
    const std::string result = insn.op == AtomicOp::cmpxchg ? name(Reg::r0, is64(insn.width)) : src;
    const std::string_view expected = insn.op == AtomicOp::cmpxchg ? (is64(insn.width) ? "r0, " : "w0, ") : "";
    return fmt::format("{} = {}{}({}, {}{})", result, op, is64(insn.width) ? "_64" : "32_32", address(insn.base, insn.off), expected, src);
  }
  if (insn.fetch) return fmt::format("{} = atomic_fetch_{}({}, {})", src, op, access(insn.width, false, insn.base, insn.off), src);
  for (const AtomicRow& row : kAtomicRows) {
    if (row.op == insn.op && !row.fetch) return fmt::format("lock *{} {} {}", access(insn.width, false, insn.base, insn.off), row.symbol, src);
  }
  return {};
}

std::string text(const ByteSwap& insn) {
  const std::string reg = name(insn.dst, true);
  const std::string_view kind = insn.kind == ByteSwap::Kind::to_le ? "le" : insn.kind == ByteSwap::Kind::to_be ? "be" : "bswap";
  return fmt::format("{} = {}{} {}", reg, kind, insn.bits, reg);
}

std::string text(const LoadImm& insn) {
  const std::string reg = name(insn.dst, true);
  switch (insn.kind) {
    case LoadImm::Kind::plain:
      return fmt::format("{} = {} ll", reg, static_cast<std::int64_t>(insn.value));
    case LoadImm::Kind::global:
      return fmt::format("{} = globals + {} ll", reg, insn.value);
    case LoadImm::Kind::function:
      return fmt::format("{} = function {} ll", reg, insn.value);
    case LoadImm::Kind::map:
      return fmt::format("{} = map {} ll", reg, insn.value);
  }
  return {};
}

std::string text(const Call& insn) {
  switch (insn.kind) {
    case Call::Kind::host:
      return fmt::format("call {}", insn.target);
    case Call::Kind::local:
      return fmt::format("call local {}", insn.target);
    case Call::Kind::kfunc:
      return fmt::format("call kfunc {}", insn.target);
    case Call::Kind::indirect:
      return fmt::format("callx r{}", insn.target);
  }
  return {};
}

}  // namespace

std::string disassemble(const Insn& insn) {
  return std::visit(
      Overloaded{
          [](const Alu& i) { return fmt::format("{} {} {}", name(i.dst, i.is64), symbol(i.op), text(i.src, i.is64)); },
          [](const Neg& i) { return fmt::format("{0} = -{0}", name(i.dst, i.is64)); },
          [](const MoveSx& i) { return fmt::format("{} = (s{}){}", name(i.dst, i.is64), i.from_bits, name(i.src, i.is64)); },
          [](const ByteSwap& i) { return text(i); },
          [](const AddrSpaceCast& i) { return fmt::format("{} = addr_space_cast({}, {}, {})", name(i.dst, true), name(i.src, true), i.to, i.from); },
          [](const LoadImm& i) { return text(i); },
          [](const Load& i) {
            return fmt::format("{} = *{}", name(i.dst, i.sign_extend || is64(i.width)), access(i.width, i.sign_extend, i.base, i.off));
          },
          [](const Store& i) { return fmt::format("*{} = {}", access(i.width, false, i.base, i.off), text(i.src, is64(i.width))); },
          [](const Atomic& i) { return text(i); },
          [](const LoadAcquire& i) {
            return fmt::format("{} = load_acquire({})", name(i.dst, is64(i.width)), access(i.width, false, i.base, i.off));
          },
          [](const StoreRelease& i) {
            return fmt::format("store_release({}, {})", access(i.width, false, i.base, i.off), name(i.src, is64(i.width)));
          },
          [](const Jump& i) { return fmt::format("goto {}", i.target); },
          [](const Branch& i) { return fmt::format("if {} {} {} goto {}", name(i.dst, i.is64), symbol(i.op), text(i.src, i.is64), i.target); },
          [](const MayGoto& i) { return fmt::format("may_goto {}", i.target); },
          [](const Call& i) { return text(i); },
          [](const Exit&) { return std::string("exit"); },
      },
      insn);
}

namespace {

constexpr std::uint16_t bit(Reg reg) { return static_cast<std::uint16_t>(1u << index(reg)); }
std::uint16_t bit(const Operand& operand) {
  const Reg* reg = std::get_if<Reg>(&operand);
  return reg != nullptr ? bit(*reg) : std::uint16_t{0};
}
RegisterUse use(unsigned reads, unsigned writes) { return {static_cast<std::uint16_t>(reads), static_cast<std::uint16_t>(writes)}; }

constexpr unsigned kArgumentRegisters = 0b111110;       // r1-r5
constexpr unsigned kCallClobberedRegisters = 0b111111;  // r0-r5

RegisterUse use_of(const Atomic& insn) {
  unsigned reads = bit(insn.base) | bit(insn.src), writes = 0;
  if (insn.op == AtomicOp::cmpxchg) {
    reads |= bit(Reg::r0);
    writes = bit(Reg::r0);
  } else if (insn.fetch) {
    writes = bit(insn.src);
  }
  return use(reads, writes);
}

}  // namespace

RegisterUse register_use(const Insn& insn) {
  return std::visit(
      Overloaded{
          [](const Alu& i) { return use(bit(i.src) | (i.op == AluOp::mov ? 0 : bit(i.dst)), bit(i.dst)); },
          [](const Neg& i) { return use(bit(i.dst), bit(i.dst)); },
          [](const MoveSx& i) { return use(bit(i.src), bit(i.dst)); },
          [](const ByteSwap& i) { return use(bit(i.dst), bit(i.dst)); },
          [](const AddrSpaceCast& i) { return use(bit(i.src), bit(i.dst)); },
          [](const LoadImm& i) { return use(0, bit(i.dst)); },
          [](const Load& i) { return use(bit(i.base), bit(i.dst)); },
          [](const Store& i) { return use(bit(i.base) | bit(i.src), 0); },
          [](const Atomic& i) { return use_of(i); },
          [](const LoadAcquire& i) { return use(bit(i.base), bit(i.dst)); },
          [](const StoreRelease& i) { return use(bit(i.base) | bit(i.src), 0); },
          [](const Jump&) { return use(0, 0); },
          [](const Branch& i) { return use(bit(i.dst) | bit(i.src), 0); },
          [](const MayGoto&) { return use(0, 0); },
          [](const Call& i) { return use(kArgumentRegisters | (i.kind == Call::Kind::indirect ? 1u << i.target : 0), kCallClobberedRegisters); },
          [](const Exit&) { return use(bit(Reg::r0), 0); },
      },
      insn);
}

}  // namespace tenon::isa
