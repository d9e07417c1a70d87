// SPDX-License-Identifier: Apache-2.0
// BPF instructions as values, one small struct per kind (RFC 9669; address-space casts, may_goto, load-acquire and store-release as Linux 6.18 and
// LLVM 19 encode them). The opcode table (opcode_table.hpp) maps bytes to these and back; nothing above this layer sees an encoding.
#pragma once

#include <cstdint>
#include <variant>

namespace tenon::isa {

enum class Reg : std::uint8_t { r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10 };
inline constexpr Reg kFramePointer = Reg::r10;
inline constexpr unsigned kRegisters = 11;
constexpr unsigned index(Reg reg) { return static_cast<unsigned>(reg); }

/// Width of a memory access, in bytes.
enum class Width : std::uint8_t { w1 = 1, w2 = 2, w4 = 4, w8 = 8 };
constexpr unsigned bytes(Width width) { return static_cast<unsigned>(width); }

/// A 32-bit immediate, already sign-extended to 64 bits.
struct Imm {
  std::int64_t value = 0;
  bool operator==(const Imm&) const = default;
};
using Operand = std::variant<Reg, Imm>;

enum class AluOp : std::uint8_t { add, sub, mul, udiv, sdiv, umod, smod, bit_or, bit_and, bit_xor, lsh, rsh, arsh, mov };
enum class CmpOp : std::uint8_t { eq, ne, ugt, uge, ult, ule, sgt, sge, slt, sle, set };  ///< set: (a & b) != 0
enum class AtomicOp : std::uint8_t { add, bit_or, bit_and, bit_xor, xchg, cmpxchg };

/// dst = dst op src; 32-bit forms zero the upper half. x / 0 == 0, x % 0 == x, shifts are taken modulo the width (RFC 9669, "Arithmetic instructions").
struct Alu { AluOp op; bool is64; Reg dst; Operand src; bool operator==(const Alu&) const = default; };
struct Neg { bool is64; Reg dst; bool operator==(const Neg&) const = default; };
/// dst = sign-extension of the low `from_bits` (8, 16, 32) of src, then truncated to 32 bits unless is64.
struct MoveSx { std::uint8_t from_bits; bool is64; Reg dst; Reg src; bool operator==(const MoveSx&) const = default; };
struct ByteSwap {
  enum class Kind : std::uint8_t { to_le, to_be, swap };
  Kind kind; std::uint8_t bits; Reg dst;  ///< bits: 16, 32, 64; the result is zero-extended
  bool operator==(const ByteSwap&) const = default;
};
/// Tenon's heap pointers are real addresses, so both directions move the value unchanged.
struct AddrSpaceCast { Reg dst; Reg src; std::uint16_t from; std::uint16_t to; bool operator==(const AddrSpaceCast&) const = default; };

struct LoadImm {
  enum class Kind : std::uint8_t {
    plain,     ///< value is the constant
    global,    ///< value is an offset into the object's globals block
    function,  ///< value is a FunctionIdx of the program
    map,       ///< value is an index into ir::Program::maps
  };
  Reg dst; Kind kind; std::uint64_t value;
  bool operator==(const LoadImm&) const = default;
};

struct Load { Width width; bool sign_extend; Reg dst; Reg base; std::int16_t off; bool operator==(const Load&) const = default; };
struct Store { Width width; Reg base; std::int16_t off; Operand src; bool operator==(const Store&) const = default; };
/// `fetch`: the old value goes to src (cmpxchg: always to r0). width is w4 or w8.
struct Atomic { AtomicOp op; bool fetch; Width width; Reg base; Reg src; std::int16_t off; bool operator==(const Atomic&) const = default; };
struct LoadAcquire { Width width; Reg dst; Reg base; std::int16_t off; bool operator==(const LoadAcquire&) const = default; };
struct StoreRelease { Width width; Reg base; Reg src; std::int16_t off; bool operator==(const StoreRelease&) const = default; };

/// Fresh from decode() a target is a slot number (8-byte units from the start of the section); in ir::Program it is an InsnIdx.
using Target = std::uint32_t;
struct Jump { Target target; bool operator==(const Jump&) const = default; };
struct Branch { CmpOp op; bool is64; Reg dst; Operand src; Target target; bool operator==(const Branch&) const = default; };
/// Linux: leaves a loop whose budget is spent. Tenon's loops need no budget: it falls through, and the verifier follows both ways.
struct MayGoto { Target target; bool operator==(const MayGoto&) const = default; };

struct Call {
  enum class Kind : std::uint8_t {
    host,      ///< decode: helper number; ir: index into Program::externs
    local,     ///< decode: target slot; ir: FunctionIdx
    kfunc,     ///< decode only: BTF id; ir::Program holds `host` instead
    indirect,  ///< callx: target is the number of the register that holds a function value
  };
  Kind kind; std::uint32_t target;
  bool operator==(const Call&) const = default;
};
struct Exit { bool operator==(const Exit&) const = default; };

using Insn = std::variant<Alu, Neg, MoveSx, ByteSwap, AddrSpaceCast, LoadImm, Load, Store, Atomic, LoadAcquire, StoreRelease, Jump, Branch, MayGoto,
                          Call, Exit>;

/// `std::visit(isa::Overloaded{...}, insn)`.
template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

}  // namespace tenon::isa
