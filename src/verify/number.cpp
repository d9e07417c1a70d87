// SPDX-License-Identifier: Apache-2.0
// A register as two words. A file of its own because tests/z3/number_test.cpp proves it from what tests/z3/word_test.cpp proves of words, and no
// more.
#include "isa/semantics.hpp"
#include "verify/word.hpp"

namespace tenon::verify {

using isa::AluOp;
using isa::CmpOp;

Number join(const Number& a, const Number& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {join(a.whole_, b.whole_), join(a.low_, b.low_)};
}

Number meet(const Number& a, const Number& b) { return {meet(a.whole_, b.whole_), meet(a.low_, b.low_)}; }

Number widen(const Number& old, const Number& now, std::span<const std::uint64_t> thresholds) {
  return {widen(old.whole_, now.whole_, thresholds), widen(old.low_, now.low_, thresholds)};
}

Number alu(AluOp op, bool is64, const Number& a, const Number& b) {
  if (a.is_constant() && b.is_constant()) return Number::constant(isa::alu(op, is64, a.constant_value(), b.constant_value()));
  if (!is64) {
    const Word low = alu(op, a.low_, b.low_);
    return {low.zero_extended(64), low};  // the whole forgets a signed range of its low half
  }
  const Word whole = alu(op, a.whole_, b.whole_);
  switch (op) {
    case AluOp::add:
    case AluOp::sub:
    case AluOp::mul:
    case AluOp::bit_and:
    case AluOp::bit_or:
    case AluOp::bit_xor:
    case AluOp::mov:
      return {whole, alu(op, a.low_, b.low_)};  // the low half depends on the low halves alone
    default:
      return Number(whole);
  }
}

void assume(CmpOp op, bool is64, Number& a, Number& b) {
  if (is64) {
    assume(op, a.whole_, b.whole_);
    if (op == CmpOp::eq) a.low_ = b.low_ = meet(a.low_, b.low_);
  } else {
    assume(op, a.low_, b.low_);
  }
  a.reconcile();
  b.reconcile();
}

Number Number::negated(bool is64) const { return alu(AluOp::sub, is64, constant(0), *this); }

Number Number::sign_extended(unsigned from_bits, bool is64) const {
  const Word low = (from_bits == 32 ? low_ : low_.truncated(from_bits)).sign_extended(is64 ? 64 : 32);
  return is64 ? Number(low) : Number(low.zero_extended(64), low);
}

Number Number::zero_extended(unsigned from_bits) const {
  if (from_bits == 32) return {low_.zero_extended(64), low_};
  return Number(whole_.truncated(from_bits).zero_extended(64));
}

}  // namespace tenon::verify
