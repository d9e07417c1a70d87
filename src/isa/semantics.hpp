// SPDX-License-Identifier: Apache-2.0
// What BPF's operators compute, as pure functions of 64-bit values (RFC 9669, "Arithmetic instructions", "Byte swap instructions", "Jump
// instructions", "Atomic operations"). The interpreter runs on them and every other layer's tests compare with them.
#pragma once

#include <bit>
#include <cstdint>

#include "isa/insn.hpp"

namespace tenon::isa {

/// The low `bits` (1 to 64) of `value`, zero-extended.
constexpr std::uint64_t zero_extend(std::uint64_t value, unsigned bits) { return bits >= 64 ? value : value & ((1ull << bits) - 1); }

/// The low `bits` (1 to 64) of `value`, sign-extended.
constexpr std::uint64_t sign_extend(std::uint64_t value, unsigned bits) {
  const unsigned unused = 64 - bits;
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(value << unused) >> unused);
}

namespace detail {

template <class Unsigned, class Signed>
constexpr Unsigned signed_quotient(Unsigned a, Unsigned b) {
  if (b == 0) return 0;
  if (b == static_cast<Unsigned>(-1)) return static_cast<Unsigned>(0) - a;  // the one overflow, INT_MIN / -1, wraps to INT_MIN
  return static_cast<Unsigned>(static_cast<Signed>(a) / static_cast<Signed>(b));
}

template <class Unsigned, class Signed>
constexpr Unsigned signed_remainder(Unsigned a, Unsigned b) {
  if (b == 0) return a;
  if (b == static_cast<Unsigned>(-1)) return 0;
  return static_cast<Unsigned>(static_cast<Signed>(a) % static_cast<Signed>(b));  // truncated: the sign of the dividend
}

template <class Unsigned, class Signed>
constexpr Unsigned alu(AluOp op, Unsigned a, Unsigned b) {
  const Unsigned shift = b & (sizeof(Unsigned) * 8 - 1);
  switch (op) {
    case AluOp::add:
      return a + b;
    case AluOp::sub:
      return a - b;
    case AluOp::mul:
      return a * b;
    case AluOp::udiv:
      return b == 0 ? 0 : a / b;
    case AluOp::sdiv:
      return signed_quotient<Unsigned, Signed>(a, b);
    case AluOp::umod:
      return b == 0 ? a : a % b;
    case AluOp::smod:
      return signed_remainder<Unsigned, Signed>(a, b);
    case AluOp::bit_or:
      return a | b;
    case AluOp::bit_and:
      return a & b;
    case AluOp::bit_xor:
      return a ^ b;
    case AluOp::lsh:
      return a << shift;
    case AluOp::rsh:
      return a >> shift;
    case AluOp::arsh:
      return static_cast<Unsigned>(static_cast<Signed>(a) >> shift);
    case AluOp::mov:
      return b;
  }
  return 0;  // not reached: every operator is listed
}

template <class Unsigned, class Signed>
constexpr bool compare(CmpOp op, Unsigned a, Unsigned b) {
  const auto signed_a = static_cast<Signed>(a), signed_b = static_cast<Signed>(b);
  switch (op) {
    case CmpOp::eq:
      return a == b;
    case CmpOp::ne:
      return a != b;
    case CmpOp::ugt:
      return a > b;
    case CmpOp::uge:
      return a >= b;
    case CmpOp::ult:
      return a < b;
    case CmpOp::ule:
      return a <= b;
    case CmpOp::sgt:
      return signed_a > signed_b;
    case CmpOp::sge:
      return signed_a >= signed_b;
    case CmpOp::slt:
      return signed_a < signed_b;
    case CmpOp::sle:
      return signed_a <= signed_b;
    case CmpOp::set:
      return (a & b) != 0;
  }
  return false;  // not reached: every operator is listed
}

}  // namespace detail

/// dst op src. The 32-bit forms use the low halves and zero the upper half of the result.
constexpr std::uint64_t alu(AluOp op, bool is64, std::uint64_t a, std::uint64_t b) {
  if (is64) return detail::alu<std::uint64_t, std::int64_t>(op, a, b);
  return detail::alu<std::uint32_t, std::int32_t>(op, static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b));
}

constexpr std::uint64_t negate(bool is64, std::uint64_t a) { return zero_extend(0 - a, is64 ? 64 : 32); }

constexpr std::uint64_t move_sign_extended(unsigned from_bits, bool is64, std::uint64_t a) {
  return zero_extend(sign_extend(a, from_bits), is64 ? 64 : 32);
}

/// Tenon runs on little-endian machines only, so to_le truncates.
constexpr std::uint64_t byte_swap(ByteSwap::Kind kind, unsigned bits, std::uint64_t a) {
  if (kind == ByteSwap::Kind::to_le) return zero_extend(a, bits);
  std::uint64_t reversed = 0;
  for (unsigned done = 0; done < bits; done += 8) reversed = reversed << 8 | (a >> done & 0xff);
  return reversed;
}

/// JMP32 compares the low halves.
constexpr bool compare(CmpOp op, bool is64, std::uint64_t a, std::uint64_t b) {
  if (is64) return detail::compare<std::uint64_t, std::int64_t>(op, a, b);
  return detail::compare<std::uint32_t, std::int32_t>(op, static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b));
}

/// What an atomic leaves in memory, given what it found there; `old`, `operand` and `expected` (r0, cmpxchg only) are zero-extended to the width.
constexpr std::uint64_t atomic(AtomicOp op, Width width, std::uint64_t old, std::uint64_t operand, std::uint64_t expected) {
  const unsigned bits = bytes(width) * 8;
  switch (op) {
    case AtomicOp::add:
      return zero_extend(old + operand, bits);
    case AtomicOp::bit_or:
      return zero_extend(old | operand, bits);
    case AtomicOp::bit_and:
      return zero_extend(old & operand, bits);
    case AtomicOp::bit_xor:
      return zero_extend(old ^ operand, bits);
    case AtomicOp::xchg:
      return zero_extend(operand, bits);
    case AtomicOp::cmpxchg:
      return zero_extend(old == zero_extend(expected, bits) ? operand : old, bits);
  }
  return 0;  // not reached: every operator is listed
}

static_assert(std::endian::native == std::endian::little);

}  // namespace tenon::isa
