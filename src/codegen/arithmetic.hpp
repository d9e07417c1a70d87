// SPDX-License-Identifier: Apache-2.0
// The arithmetic of RFC 9669 ("Arithmetic instructions", "Jump instructions") in terms of an LLVM IR builder. What C and LLVM leave undefined (division by
// zero, the most negative number by -1, oversize shifts) is spelled out as selects, and no operation carries nsw, nuw or exact (soundness.md, rule 9).
// A template only so that this header needs none of LLVM's.
#pragma once

#include "base/bug.hpp"
#include "isa/insn.hpp"

namespace tenon::codegen {

template <class Builder>
class Arithmetic {
 public:
  explicit Arithmetic(Builder& builder) : b_(builder) {}

  /// a op b on integers of one width; both already truncated to it.
  template <class V>
  V alu(isa::AluOp op, V x, V y) {
    switch (op) {
      case isa::AluOp::add: return b_.CreateAdd(x, y);
      case isa::AluOp::sub: return b_.CreateSub(x, y);
      case isa::AluOp::mul: return b_.CreateMul(x, y);
      case isa::AluOp::udiv: return udiv(x, y);
      case isa::AluOp::sdiv: return sdiv(x, y);
      case isa::AluOp::umod: return umod(x, y);
      case isa::AluOp::smod: return smod(x, y);
      case isa::AluOp::bit_or: return b_.CreateOr(x, y);
      case isa::AluOp::bit_and: return b_.CreateAnd(x, y);
      case isa::AluOp::bit_xor: return b_.CreateXor(x, y);
      case isa::AluOp::lsh: return b_.CreateShl(x, shift_amount(y));
      case isa::AluOp::rsh: return b_.CreateLShr(x, shift_amount(y));
      case isa::AluOp::arsh: return b_.CreateAShr(x, shift_amount(y));
      case isa::AluOp::mov: return y;
    }
    base::bug("an ALU operation that does not exist");
  }

  template <class V>
  V compare(isa::CmpOp op, V x, V y) {
    switch (op) {
      case isa::CmpOp::eq: return b_.CreateICmpEQ(x, y);
      case isa::CmpOp::ne: return b_.CreateICmpNE(x, y);
      case isa::CmpOp::ugt: return b_.CreateICmpUGT(x, y);
      case isa::CmpOp::uge: return b_.CreateICmpUGE(x, y);
      case isa::CmpOp::ult: return b_.CreateICmpULT(x, y);
      case isa::CmpOp::ule: return b_.CreateICmpULE(x, y);
      case isa::CmpOp::sgt: return b_.CreateICmpSGT(x, y);
      case isa::CmpOp::sge: return b_.CreateICmpSGE(x, y);
      case isa::CmpOp::slt: return b_.CreateICmpSLT(x, y);
      case isa::CmpOp::sle: return b_.CreateICmpSLE(x, y);
      case isa::CmpOp::set: return b_.CreateICmpNE(b_.CreateAnd(x, y), zero(x));
    }
    base::bug("a comparison that does not exist");
  }

 private:
  template <class V>
  V constant(V like, std::uint64_t value) {
    return b_.getIntN(like->getType()->getIntegerBitWidth(), value);
  }
  template <class V>
  V zero(V like) {
    return constant(like, 0);
  }
  template <class V>
  V shift_amount(V y) {
    return b_.CreateAnd(y, constant(y, y->getType()->getIntegerBitWidth() - 1));
  }
  /// The divisor with 1 in place of every value that `bad` names: the quotient is then defined, and the caller selects over it.
  template <class V>
  V safe_divisor(V bad, V y) {
    return b_.CreateSelect(bad, constant(y, 1), y);
  }
  template <class V>
  V is_zero(V y) {
    return b_.CreateICmpEQ(y, zero(y));
  }
  /// The quotient does not fit: RFC 9669 wants INT_MIN and remainder 0, which is what dividing by 1 gives.
  template <class V>
  V overflows(V x, V y) {
    const unsigned bits = x->getType()->getIntegerBitWidth();
    V most_negative = constant(x, 1ull << (bits - 1));
    V minus_one = constant(y, bits == 64 ? ~0ull : (1ull << bits) - 1);
    return b_.CreateAnd(b_.CreateICmpEQ(x, most_negative), b_.CreateICmpEQ(y, minus_one));
  }
  template <class V>
  V udiv(V x, V y) {
    V by_zero = is_zero(y);
    return b_.CreateSelect(by_zero, zero(x), b_.CreateUDiv(x, safe_divisor(by_zero, y)));
  }
  template <class V>
  V umod(V x, V y) {
    V by_zero = is_zero(y);
    return b_.CreateSelect(by_zero, x, b_.CreateURem(x, safe_divisor(by_zero, y)));
  }
  template <class V>
  V sdiv(V x, V y) {
    V by_zero = is_zero(y);
    V divisor = safe_divisor(b_.CreateOr(by_zero, overflows(x, y)), y);
    return b_.CreateSelect(by_zero, zero(x), b_.CreateSDiv(x, divisor));
  }
  template <class V>
  V smod(V x, V y) {
    V by_zero = is_zero(y);
    V divisor = safe_divisor(b_.CreateOr(by_zero, overflows(x, y)), y);
    return b_.CreateSelect(by_zero, x, b_.CreateSRem(x, divisor));
  }

  Builder& b_;
};

}  // namespace tenon::codegen
