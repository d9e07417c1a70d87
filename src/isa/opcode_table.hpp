// SPDX-License-Identifier: Apache-2.0
// The one opcode table: which bytes are instructions, which of their fields are used, and what the operators are called. decode(), encode() and
// disassemble() read it; nothing else in Tenon knows an encoding. Source: RFC 9669; what Linux 6.18 and LLVM 19/20 add stands at its row.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "isa/insn.hpp"

namespace tenon::isa {

/// How the fields of an opcode are read; one or more opcodes share a form.
enum class Form : std::uint8_t {
  unknown,        ///< no instruction has this opcode
  legacy_packet,  ///< ld_abs and ld_ind: known, never accepted
  alu,            ///< offset selects between div/sdiv, mod/smod
  mov,            ///< offset selects between mov, movsx and addr_space_cast
  neg,
  byte_swap,      ///< immediate is the width
  load_imm,       ///< two slots; source register is the kind of value
  load,
  load_sx,
  store,
  atomic,         ///< immediate selects the operation
  jump,           ///< 16-bit target
  jump_long,      ///< 32-bit target, "gotol"
  branch,
  may_goto,
  call,           ///< source register is the kind of callee
  call_indirect,
  exit,
};

enum class DstUse : std::uint8_t { zero, read, write };
enum class SrcUse : std::uint8_t { zero, read, selector };
enum class FieldUse : std::uint8_t { zero, value, selector };  ///< selector: the form says which values are legal

struct Opcode {
  Form form = Form::unknown;
  std::uint8_t operation = 0;   ///< AluOp, CmpOp or ByteSwap::Kind, as the form says
  bool is64 = false;
  bool register_operand = false;
  Width width = Width::w8;
  DstUse dst = DstUse::zero;
  SrcUse src = SrcUse::zero;
  FieldUse off = FieldUse::zero;
  FieldUse imm = FieldUse::zero;
};

/// Indexed by the opcode byte.
extern const std::array<Opcode, 256> kOpcodes;

/// The opcode byte with these properties; a bug of ours when there is none.
std::uint8_t opcode_of(Form form, std::uint8_t operation, bool is64, bool register_operand, Width width);

struct AluRow {
  AluOp op;
  std::uint8_t code;        ///< bits 4-7 of the opcode
  std::int16_t off;         ///< RFC 9669: 1 makes division and modulo signed
  std::string_view name;
  std::string_view symbol;  ///< as llvm-objdump prints it
};
inline constexpr std::array<AluRow, 14> kAluRows{{
    {AluOp::add, 0x00, 0, "add", "+="},       {AluOp::sub, 0x10, 0, "sub", "-="},       {AluOp::mul, 0x20, 0, "mul", "*="},
    {AluOp::udiv, 0x30, 0, "div", "/="},      {AluOp::sdiv, 0x30, 1, "sdiv", "s/="},    {AluOp::umod, 0x90, 0, "mod", "%="},
    {AluOp::smod, 0x90, 1, "smod", "s%="},    {AluOp::bit_or, 0x40, 0, "or", "|="},     {AluOp::bit_and, 0x50, 0, "and", "&="},
    {AluOp::bit_xor, 0xa0, 0, "xor", "^="},   {AluOp::lsh, 0x60, 0, "lsh", "<<="},      {AluOp::rsh, 0x70, 0, "rsh", ">>="},
    {AluOp::arsh, 0xc0, 0, "arsh", "s>>="},   {AluOp::mov, 0xb0, 0, "mov", "="},
}};

struct CmpRow {
  CmpOp op;
  std::uint8_t code;
  std::string_view name;
  std::string_view symbol;
};
inline constexpr std::array<CmpRow, 11> kCmpRows{{
    {CmpOp::eq, 0x10, "jeq", "=="},   {CmpOp::ne, 0x50, "jne", "!="},    {CmpOp::ugt, 0x20, "jgt", ">"},    {CmpOp::uge, 0x30, "jge", ">="},
    {CmpOp::ult, 0xa0, "jlt", "<"},   {CmpOp::ule, 0xb0, "jle", "<="},   {CmpOp::sgt, 0x60, "jsgt", "s>"},  {CmpOp::sge, 0x70, "jsge", "s>="},
    {CmpOp::slt, 0xc0, "jslt", "s<"}, {CmpOp::sle, 0xd0, "jsle", "s<="}, {CmpOp::set, 0x40, "jset", "&"},
}};

struct AtomicRow {
  AtomicOp op;
  bool fetch;
  std::int32_t imm;
  std::string_view name;
  std::string_view symbol;  ///< for the forms that are printed as an assignment
};
inline constexpr std::array<AtomicRow, 10> kAtomicRows{{
    {AtomicOp::add, false, 0x00, "add", "+="},
    {AtomicOp::add, true, 0x01, "add", ""},
    {AtomicOp::bit_or, false, 0x40, "or", "|="},
    {AtomicOp::bit_or, true, 0x41, "or", ""},
    {AtomicOp::bit_and, false, 0x50, "and", "&="},
    {AtomicOp::bit_and, true, 0x51, "and", ""},
    {AtomicOp::bit_xor, false, 0xa0, "xor", "^="},
    {AtomicOp::bit_xor, true, 0xa1, "xor", ""},
    {AtomicOp::xchg, true, 0xe1, "xchg", ""},
    {AtomicOp::cmpxchg, true, 0xf1, "cmpxchg", ""},
}};
/// Linux 6.15, LLVM 20; every width, where the others have 4 and 8 bytes only.
inline constexpr std::int32_t kLoadAcquireImm = 0x100;
inline constexpr std::int32_t kStoreReleaseImm = 0x110;

/// mov with this offset and a register operand is addr_space_cast; the immediate is to << 16 | from, and only 0 and 1 exist (Linux 6.9, LLVM 19).
inline constexpr std::int16_t kAddrSpaceCastOff = 1;

/// Values of the source-register field.
inline constexpr std::uint8_t kCallHelper = 0, kCallLocal = 1, kCallKfunc = 2;
inline constexpr std::uint8_t kImmPlain = 0, kImmMapFd = 1, kImmMapValue = 2, kImmFunction = 4, kImmMapIndex = 5, kImmMapIndexValue = 6;

/// "add", "sdiv"; "jeq", "jsgt"; "add", "cmpxchg".
std::string_view to_string(AluOp op);
std::string_view to_string(CmpOp op);
std::string_view to_string(AtomicOp op);
/// "+=", "s/="; "==", "s>".
std::string_view symbol(AluOp op);
std::string_view symbol(CmpOp op);

}  // namespace tenon::isa
