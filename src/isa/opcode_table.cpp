// SPDX-License-Identifier: Apache-2.0
#include "isa/opcode_table.hpp"

#include "base/bug.hpp"

namespace tenon::isa {
namespace {

// Bits 0-2 of the opcode (RFC 9669, "Instruction classes"), bit 3 of the arithmetic and jump classes, and the modes of loads and stores.
constexpr std::uint8_t kLd = 0x00, kLdx = 0x01, kSt = 0x02, kStx = 0x03, kAlu32 = 0x04, kJmp64 = 0x05, kJmp32 = 0x06, kAlu64 = 0x07;
constexpr std::uint8_t kRegisterBit = 0x08;
constexpr std::uint8_t kModeImm = 0x00, kModeAbs = 0x20, kModeInd = 0x40, kModeMem = 0x60, kModeMemSx = 0x80, kModeAtomic = 0xc0;
constexpr std::uint8_t kNegCode = 0x80, kEndCode = 0xd0, kJaCode = 0x00, kCallCode = 0x80, kExitCode = 0x90, kJcondCode = 0xe0;

struct Size {
  std::uint8_t bits;
  Width width;
};
constexpr std::array<Size, 4> kSizes{{{0x00, Width::w4}, {0x08, Width::w2}, {0x10, Width::w1}, {0x18, Width::w8}}};

using Table = std::array<Opcode, 256>;

constexpr void add_alu(Table& table, std::uint8_t instruction_class, bool is64) {
  for (const AluRow& row : kAluRows) {
    const bool has_variants = row.code == 0x30 || row.code == 0x90;
    const auto operation = static_cast<std::uint8_t>(row.op);
    const bool is_mov = row.op == AluOp::mov;
    Opcode immediate{.form = Form::alu, .operation = operation, .is64 = is64, .dst = DstUse::write, .imm = FieldUse::value};
    immediate.off = has_variants ? FieldUse::selector : FieldUse::zero;
    Opcode reg{.form = is_mov ? Form::mov : Form::alu,
               .operation = operation,
               .is64 = is64,
               .register_operand = true,
               .dst = DstUse::write,
               .src = SrcUse::read};
    reg.off = has_variants || is_mov ? FieldUse::selector : FieldUse::zero;
    reg.imm = is_mov ? FieldUse::selector : FieldUse::zero;
    if (row.off != 0) continue;  // sdiv and smod share the bytes of div and mod
    table[row.code | instruction_class] = immediate;
    table[row.code | kRegisterBit | instruction_class] = reg;
  }
  table[kNegCode | instruction_class] = {.form = Form::neg, .is64 = is64, .dst = DstUse::write};
}

constexpr void add_byte_swaps(Table& table) {
  const auto swap = [](ByteSwap::Kind kind) {
    return Opcode{.form = Form::byte_swap, .operation = static_cast<std::uint8_t>(kind), .dst = DstUse::write, .imm = FieldUse::selector};
  };
  table[kEndCode | kAlu32] = swap(ByteSwap::Kind::to_le);
  table[kEndCode | kRegisterBit | kAlu32] = swap(ByteSwap::Kind::to_be);
  table[kEndCode | kAlu64] = swap(ByteSwap::Kind::swap);
}

constexpr void add_memory(Table& table) {
  for (const Size& size : kSizes) {
    table[kLdx | kModeMem | size.bits] = {.form = Form::load, .width = size.width, .dst = DstUse::write, .src = SrcUse::read, .off = FieldUse::value};
    table[kSt | kModeMem | size.bits] = {
        .form = Form::store, .width = size.width, .dst = DstUse::read, .off = FieldUse::value, .imm = FieldUse::value};
    table[kStx | kModeMem | size.bits] = {
        .form = Form::store, .register_operand = true, .width = size.width, .dst = DstUse::read, .src = SrcUse::read, .off = FieldUse::value};
    table[kStx | kModeAtomic | size.bits] = {
        .form = Form::atomic, .width = size.width, .dst = DstUse::read, .src = SrcUse::read, .off = FieldUse::value, .imm = FieldUse::selector};
    if (size.width == Width::w8) continue;
    table[kLdx | kModeMemSx | size.bits] = {
        .form = Form::load_sx, .width = size.width, .dst = DstUse::write, .src = SrcUse::read, .off = FieldUse::value};
    table[kLd | kModeAbs | size.bits] = {.form = Form::legacy_packet};
    table[kLd | kModeInd | size.bits] = {.form = Form::legacy_packet};
  }
  table[kLd | kModeImm | 0x18] = {.form = Form::load_imm, .dst = DstUse::write, .src = SrcUse::selector, .imm = FieldUse::value};
}

constexpr void add_branches(Table& table, std::uint8_t instruction_class, bool is64) {
  for (const CmpRow& row : kCmpRows) {
    const auto operation = static_cast<std::uint8_t>(row.op);
    table[row.code | instruction_class] = {
        .form = Form::branch, .operation = operation, .is64 = is64, .dst = DstUse::read, .off = FieldUse::value, .imm = FieldUse::value};
    table[row.code | kRegisterBit | instruction_class] = {.form = Form::branch,
                                                          .operation = operation,
                                                          .is64 = is64,
                                                          .register_operand = true,
                                                          .dst = DstUse::read,
                                                          .src = SrcUse::read,
                                                          .off = FieldUse::value};
  }
}

constexpr void add_control(Table& table) {
  table[kJaCode | kJmp64] = {.form = Form::jump, .off = FieldUse::value};
  table[kJaCode | kJmp32] = {.form = Form::jump_long, .imm = FieldUse::value};
  table[kCallCode | kJmp64] = {.form = Form::call, .src = SrcUse::selector, .imm = FieldUse::value};
  table[kCallCode | kRegisterBit | kJmp64] = {.form = Form::call_indirect, .register_operand = true, .dst = DstUse::read};  // as LLVM 19 emits it
  table[kExitCode | kJmp64] = {.form = Form::exit};
  table[kJcondCode | kJmp64] = {.form = Form::may_goto, .off = FieldUse::value};  // Linux 6.9
}

constexpr Table make_table() {
  Table table{};
  add_alu(table, kAlu32, false);
  add_alu(table, kAlu64, true);
  add_byte_swaps(table);
  add_memory(table);
  add_branches(table, kJmp64, true);
  add_branches(table, kJmp32, false);
  add_control(table);
  return table;
}

template <class Rows, class Op>
const auto& row_of(const Rows& rows, Op op) {
  for (const auto& row : rows) {
    if (row.op == op) return row;
  }
  base::bug("an operator without a row in the opcode table");
}

}  // namespace

constexpr Table kOpcodes = make_table();

std::uint8_t opcode_of(Form form, std::uint8_t operation, bool is64, bool register_operand, Width width) {
  for (std::size_t byte = 0; byte < kOpcodes.size(); ++byte) {
    const Opcode& opcode = kOpcodes[byte];
    if (opcode.form == form && opcode.operation == operation && opcode.is64 == is64 && opcode.register_operand == register_operand &&
        opcode.width == width) {
      return static_cast<std::uint8_t>(byte);
    }
  }
  base::bug("an instruction without a row in the opcode table");
}

std::string_view to_string(AluOp op) { return row_of(kAluRows, op).name; }
std::string_view to_string(CmpOp op) { return row_of(kCmpRows, op).name; }
std::string_view to_string(AtomicOp op) { return row_of(kAtomicRows, op).name; }
std::string_view symbol(AluOp op) { return row_of(kAluRows, op).symbol; }
std::string_view symbol(CmpOp op) { return row_of(kCmpRows, op).symbol; }

}  // namespace tenon::isa
