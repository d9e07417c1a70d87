// SPDX-License-Identifier: Apache-2.0
#include "verify/word.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/bits.hpp"
#include "base/bug.hpp"

namespace tenon::verify {

using base::i128;
using base::u128;
using isa::AluOp;
using isa::CmpOp;

namespace {

Tnum tnum_union(Tnum a, Tnum b) {
  const std::uint64_t mask = a.mask | b.mask | (a.value ^ b.value);
  return {a.value & ~mask, mask};
}

Tnum tnum_sub(Tnum a, Tnum b) {
  const std::uint64_t difference = a.value - b.value;
  const std::uint64_t mask = ((difference + a.mask) ^ (difference - b.mask)) | a.mask | b.mask;
  return {difference & ~mask, mask};
}

}  // namespace

Word Word::unknown(unsigned bits) {
  Word w(bits);
  w.tnum_ = {0, w.ones()};
  w.umax_ = w.ones();
  w.smin_ = w.signed_min();
  w.smax_ = w.signed_max();
  return w;
}

Word Word::constant(unsigned bits, std::uint64_t value) {
  Word w(bits);
  value &= w.ones();
  w.tnum_ = {value, 0};
  w.umin_ = w.umax_ = value;
  w.smin_ = w.smax_ = w.as_signed(value);
  return w;
}

Word Word::unsigned_range(unsigned bits, std::uint64_t lo, std::uint64_t hi) {
  Word w = unknown(bits);
  w.umin_ = lo;
  w.umax_ = std::min(hi, w.ones());
  w.sync();
  return w;
}

Word Word::signed_range(unsigned bits, std::int64_t lo, std::int64_t hi) {
  Word w = unknown(bits);
  w.smin_ = std::max(lo, w.smin_);
  w.smax_ = std::min(hi, w.smax_);
  w.sync();
  return w;
}

Word Word::from_tnum(unsigned bits, Tnum t) {
  Word w = unknown(bits);
  w.tnum_ = {t.value & w.ones(), t.mask & w.ones()};
  w.sync();
  return w;
}

bool Word::contains(std::uint64_t value) const {
  const std::int64_t s = as_signed(value);
  return !empty_ && value >= umin_ && value <= umax_ && s >= smin_ && s <= smax_ && (value & ~tnum_.mask & ones()) == tnum_.value;
}

bool Word::includes(const Word& other) const {
  if (other.empty_) return true;
  if (empty_) return false;
  const bool bits_agree = (other.tnum_.mask & ~tnum_.mask) == 0 && (other.tnum_.value & ~tnum_.mask) == tnum_.value;
  return bits_agree && umin_ <= other.umin_ && umax_ >= other.umax_ && smin_ <= other.smin_ && smax_ >= other.smax_;
}

void Word::make_empty() {
  *this = constant(bits_, 0);
  empty_ = true;
}

Word join(const Word& a, const Word& b) {
  if (a.empty_) return b;
  if (b.empty_) return a;
  Word w(a.bits_);
  w.tnum_ = tnum_union(a.tnum_, b.tnum_);
  w.umin_ = std::min(a.umin_, b.umin_);
  w.umax_ = std::max(a.umax_, b.umax_);
  w.smin_ = std::min(a.smin_, b.smin_);
  w.smax_ = std::max(a.smax_, b.smax_);
  w.sync();
  return w;
}

Word meet(const Word& a, const Word& b) {
  if (a.empty_ || b.empty_) return a.empty_ ? a : b;
  Word w = a;
  if (((a.tnum_.value ^ b.tnum_.value) & ~a.tnum_.mask & ~b.tnum_.mask) != 0) {
    w.make_empty();
    return w;
  }
  w.tnum_ = intersect(a.tnum_, b.tnum_);
  w.umin_ = std::max(a.umin_, b.umin_);
  w.umax_ = std::min(a.umax_, b.umax_);
  w.smin_ = std::max(a.smin_, b.smin_);
  w.smax_ = std::min(a.smax_, b.smax_);
  w.sync();
  return w;
}

Word widen(const Word& old, const Word& now, std::span<const std::uint64_t> thresholds) {
  const Word joined = join(old, now);
  if (old.empty_ || joined == old) return joined;
  Word w = Word::unknown(old.bits_);
  const auto step_up = [&](std::uint64_t bound) {
    const auto it = std::lower_bound(thresholds.begin(), thresholds.end(), bound);
    return it == thresholds.end() ? w.ones() : std::min(*it, w.ones());
  };
  const auto step_down = [&](std::uint64_t bound) {
    const auto it = std::upper_bound(thresholds.begin(), thresholds.end(), bound);
    return it == thresholds.begin() ? 0 : *std::prev(it);
  };
  w.umin_ = joined.umin_ < old.umin_ ? step_down(joined.umin_) : old.umin_;
  w.umax_ = joined.umax_ > old.umax_ ? step_up(joined.umax_) : old.umax_;
  w.smin_ = joined.smin_ >= old.smin_ ? old.smin_ : joined.smin_ >= 0 ? 0 : w.signed_min();
  if (joined.smax_ <= old.smax_) {
    w.smax_ = old.smax_;
  } else if (joined.smax_ < 0) {
    w.smax_ = -1;
  } else {
    const std::uint64_t step = step_up(static_cast<std::uint64_t>(joined.smax_));
    w.smax_ = static_cast<std::int64_t>(std::min(step, static_cast<std::uint64_t>(w.signed_max())));
  }
  // A bit that became unknown will be followed by those above it; only the alignment is worth waiting for.
  if (joined.tnum_ == old.tnum_) {
    w.tnum_ = old.tnum_;
  } else {
    const std::uint64_t aligned = joined.tnum_.mask == 0 ? w.ones() : (joined.tnum_.mask & (0 - joined.tnum_.mask)) - 1;
    w.tnum_ = {joined.tnum_.value & aligned, w.ones() & ~aligned};
  }
  w.sync();
  return w;
}

Word Word::add(const Word& a, const Word& b) {
  Word w = from_tnum(a.bits_, tnum_add(a.tnum_, b.tnum_));
  const i128 ulo = i128{a.umin_} + b.umin_, uhi = i128{a.umax_} + b.umax_;
  if (uhi <= i128{w.ones()}) {
    w.umin_ = std::max<std::uint64_t>(w.umin_, static_cast<std::uint64_t>(ulo));
    w.umax_ = std::min<std::uint64_t>(w.umax_, static_cast<std::uint64_t>(uhi));
  } else if (ulo > i128{w.ones()}) {  // every sum wraps, exactly once
    w.umin_ = std::max<std::uint64_t>(w.umin_, static_cast<std::uint64_t>(ulo) & w.ones());
    w.umax_ = std::min<std::uint64_t>(w.umax_, static_cast<std::uint64_t>(uhi) & w.ones());
  }
  const i128 slo = i128{a.smin_} + b.smin_, shi = i128{a.smax_} + b.smax_;
  if (slo >= w.signed_min() && shi <= w.signed_max()) {
    w.smin_ = std::max<std::int64_t>(w.smin_, static_cast<std::int64_t>(slo));
    w.smax_ = std::min<std::int64_t>(w.smax_, static_cast<std::int64_t>(shi));
  }
  w.sync();
  return w;
}

Word Word::sub(const Word& a, const Word& b) {
  Word w = from_tnum(a.bits_, tnum_sub(a.tnum_, b.tnum_));
  if (a.umin_ >= b.umax_) {
    w.umin_ = std::max(w.umin_, a.umin_ - b.umax_);
    w.umax_ = std::min(w.umax_, a.umax_ - b.umin_);
  }
  const i128 slo = i128{a.smin_} - b.smax_, shi = i128{a.smax_} - b.smin_;
  if (slo >= w.signed_min() && shi <= w.signed_max()) {
    w.smin_ = std::max<std::int64_t>(w.smin_, static_cast<std::int64_t>(slo));
    w.smax_ = std::min<std::int64_t>(w.smax_, static_cast<std::int64_t>(shi));
  }
  w.sync();
  return w;
}

Word Word::mul(const Word& a, const Word& b) {
  Word w = from_tnum(a.bits_, tnum_mul(a.tnum_, b.tnum_));
  const u128 high = u128{a.umax_} * b.umax_;
  if (high <= u128{w.ones()}) {
    w.umin_ = std::max(w.umin_, a.umin_ * b.umin_);
    w.umax_ = std::min(w.umax_, static_cast<std::uint64_t>(high));
  }
  const i128 corners[] = {i128{a.smin_} * b.smin_, i128{a.smin_} * b.smax_, i128{a.smax_} * b.smin_, i128{a.smax_} * b.smax_};
  const i128 slo = *std::min_element(std::begin(corners), std::end(corners)), shi = *std::max_element(std::begin(corners), std::end(corners));
  if (slo >= w.signed_min() && shi <= w.signed_max()) {
    w.smin_ = std::max<std::int64_t>(w.smin_, static_cast<std::int64_t>(slo));
    w.smax_ = std::min<std::int64_t>(w.smax_, static_cast<std::int64_t>(shi));
  }
  w.sync();
  return w;
}

// x / 0 == 0 and x % 0 == x (RFC 9669, "Arithmetic instructions").
Word Word::udiv(const Word& a, const Word& b) {
  if (b.umax_ == 0) return constant(a.bits_, 0);
  const std::uint64_t lo = b.umin_ == 0 ? 0 : a.umin_ / b.umax_;
  return unsigned_range(a.bits_, lo, a.umax_ / std::max<std::uint64_t>(b.umin_, 1));
}

Word Word::umod(const Word& a, const Word& b) {
  if (a.is_constant() && b.is_constant()) return constant(a.bits_, b.umin_ == 0 ? a.umin_ : a.umin_ % b.umin_);
  if (b.umax_ == 0 || (b.umin_ > 0 && a.umax_ < b.umin_)) return a;
  const std::uint64_t hi = b.umin_ == 0 ? a.umax_ : std::min(a.umax_, b.umax_ - 1);
  return unsigned_range(a.bits_, 0, hi);
}

Word Word::sdiv(const Word& a, const Word& b) {
  if (a.smin_ >= 0 && b.smin_ > 0) return udiv(a, b);
  if (b.smin_ == b.smax_ && b.smin_ > 1) return signed_range(a.bits_, a.smin_ / b.smin_, a.smax_ / b.smin_);
  return unknown(a.bits_);
}

Word Word::smod(const Word& a, const Word& b) {
  if (a.smin_ >= 0 && b.smin_ > 0) return umod(a, b);
  if (b.smin_ == b.smax_ && b.smin_ > 0) return signed_range(a.bits_, a.smin_ >= 0 ? 0 : -(b.smin_ - 1), a.smax_ <= 0 ? 0 : b.smin_ - 1);
  return unknown(a.bits_);
}

Word Word::bit_and(const Word& a, const Word& b) {
  if (((a.tnum_.value | a.tnum_.mask) & ~b.tnum_.value) == 0) return a;  // b keeps every bit that a may have
  if (((b.tnum_.value | b.tnum_.mask) & ~a.tnum_.value) == 0) return b;
  Word w = from_tnum(
      a.bits_, {a.tnum_.value & b.tnum_.value, (a.tnum_.value | a.tnum_.mask) & (b.tnum_.value | b.tnum_.mask) & ~(a.tnum_.value & b.tnum_.value)});
  w.umax_ = std::min({w.umax_, a.umax_, b.umax_});
  w.sync();
  return w;
}

Word Word::bit_or(const Word& a, const Word& b) {
  const std::uint64_t known_ones = a.tnum_.value | b.tnum_.value;
  Word w = from_tnum(a.bits_, {known_ones, (a.tnum_.mask | b.tnum_.mask) & ~known_ones});
  w.umin_ = std::max({w.umin_, a.umin_, b.umin_});
  w.sync();
  return w;
}

Word Word::bit_xor(const Word& a, const Word& b) {
  const std::uint64_t mask = a.tnum_.mask | b.tnum_.mask;
  return from_tnum(a.bits_, {(a.tnum_.value ^ b.tnum_.value) & ~mask, mask});
}

// Shift counts are taken modulo the width (RFC 9669); a count whose range leaves [0, width) tells nothing.
Word Word::shift_left(const Word& a, const Word& b) {
  if (b.umax_ >= a.bits_) return b.is_constant() ? shift_left(a, constant(a.bits_, b.umin_ % a.bits_)) : unknown(a.bits_);
  Word w = unknown(a.bits_);
  if (b.is_constant()) w = from_tnum(a.bits_, {a.tnum_.value << b.umin_, a.tnum_.mask << b.umin_});
  if (a.umax_ <= (w.ones() >> b.umax_)) {
    w.umin_ = std::max(w.umin_, a.umin_ << b.umin_);
    w.umax_ = std::min(w.umax_, a.umax_ << b.umax_);
  }
  w.sync();
  return w;
}

Word Word::shift_right(const Word& a, const Word& b) {
  if (b.umax_ >= a.bits_) {
    return b.is_constant() ? shift_right(a, constant(a.bits_, b.umin_ % a.bits_)) : unsigned_range(a.bits_, 0, a.umax_);
  }
  Word w = unknown(a.bits_);
  if (b.is_constant()) w = from_tnum(a.bits_, {a.tnum_.value >> b.umin_, a.tnum_.mask >> b.umin_});
  w.umin_ = std::max(w.umin_, a.umin_ >> b.umax_);
  w.umax_ = std::min(w.umax_, a.umax_ >> b.umin_);
  w.sync();
  return w;
}

Word Word::shift_right_signed(const Word& a, const Word& b) {
  if (!b.is_constant()) return signed_range(a.bits_, std::min<std::int64_t>(a.smin_, 0), std::max<std::int64_t>(a.smax_, -1));
  const std::uint64_t count = b.umin_ % a.bits_;
  const auto shift = [&](std::uint64_t v) { return static_cast<std::uint64_t>(a.as_signed(v) >> count) & a.ones(); };
  Word w = from_tnum(a.bits_, {shift(a.tnum_.value) & ~shift(a.tnum_.mask), shift(a.tnum_.mask)});
  w.smin_ = std::max(w.smin_, a.smin_ >> count);
  w.smax_ = std::min(w.smax_, a.smax_ >> count);
  w.sync();
  return w;
}

Word alu(AluOp op, const Word& a, const Word& b) {
  if (a.empty_ || b.empty_) return a.empty_ ? a : b;
  switch (op) {
    case AluOp::add:
      return Word::add(a, b);
    case AluOp::sub:
      return Word::sub(a, b);
    case AluOp::mul:
      return Word::mul(a, b);
    case AluOp::udiv:
      return Word::udiv(a, b);
    case AluOp::sdiv:
      return Word::sdiv(a, b);
    case AluOp::umod:
      return Word::umod(a, b);
    case AluOp::smod:
      return Word::smod(a, b);
    case AluOp::bit_or:
      return Word::bit_or(a, b);
    case AluOp::bit_and:
      return Word::bit_and(a, b);
    case AluOp::bit_xor:
      return Word::bit_xor(a, b);
    case AluOp::lsh:
      return Word::shift_left(a, b);
    case AluOp::rsh:
      return Word::shift_right(a, b);
    case AluOp::arsh:
      return Word::shift_right_signed(a, b);
    case AluOp::mov:
      return b;
  }
  base::bug("unknown ALU operation");
}

Word Word::negated() const { return empty_ ? *this : sub(constant(bits_, 0), *this); }

Word Word::truncated(unsigned bits) const {
  if (bits == bits_) return *this;
  if (*this == unknown(bits_)) return unknown(bits);
  if (is_constant()) return constant(bits, umin_);
  Word w = unknown(bits);
  w.tnum_ = {tnum_.value & w.ones(), tnum_.mask & w.ones()};
  if (umax_ <= w.ones()) {
    w.umin_ = std::max(w.umin_, umin_);
    w.umax_ = std::min(w.umax_, umax_);
  } else if (umax_ - umin_ <= w.ones() && (umin_ & w.ones()) <= (umax_ & w.ones())) {  // one window of 2^bits, not wrapping inside
    w.umin_ = std::max(w.umin_, umin_ & w.ones());
    w.umax_ = std::min(w.umax_, umax_ & w.ones());
  }
  if (smin_ >= w.signed_min() && smax_ <= w.signed_max()) {
    w.smin_ = std::max(w.smin_, smin_);
    w.smax_ = std::min(w.smax_, smax_);
  }
  w.sync();
  if (empty_) w.make_empty();
  return w;
}

Word Word::zero_extended(unsigned bits) const {
  Word w = from_tnum(bits, tnum_);
  w.umin_ = umin_;
  w.umax_ = umax_;
  w.sync();
  if (empty_) w.make_empty();
  return w;
}

Word Word::sign_extended(unsigned bits) const {
  Word w = unknown(bits);
  const std::uint64_t sign = 1ull << (bits_ - 1), upper = w.ones() & ~ones();
  w.tnum_ = tnum_;
  if (tnum_.mask & sign) {
    w.tnum_.mask |= upper;
  } else if (tnum_.value & sign) {
    w.tnum_.value |= upper;
  }
  w.smin_ = smin_;
  w.smax_ = smax_;
  w.sync();
  if (empty_) w.make_empty();
  return w;
}

namespace {
CmpOp swapped(CmpOp op) {
  switch (op) {
    case CmpOp::ugt:
      return CmpOp::ult;
    case CmpOp::uge:
      return CmpOp::ule;
    case CmpOp::sgt:
      return CmpOp::slt;
    case CmpOp::sge:
      return CmpOp::sle;
    default:
      return op;
  }
}
}  // namespace

void assume(CmpOp op, Word& a, Word& b) {
  if (a.empty_ || b.empty_) return;
  switch (op) {
    case CmpOp::ugt:
    case CmpOp::uge:
    case CmpOp::sgt:
    case CmpOp::sge:
      return assume(swapped(op), b, a);
    case CmpOp::eq:
      a = b = meet(a, b);
      return;
    case CmpOp::ne: {
      const auto shave = [](Word& w, const Word& constant) {
        if (!constant.is_constant()) return;
        const std::uint64_t v = constant.umin_;
        const std::int64_t s = w.as_signed(v);
        if (w.is_constant() && w.umin_ == v) return w.make_empty();
        if (w.umin_ == v) ++w.umin_;
        if (w.umax_ == v) --w.umax_;
        if (w.smin_ == s) ++w.smin_;
        if (w.smax_ == s) --w.smax_;
        w.sync();
      };
      const Word a_before = a;
      shave(a, b);
      shave(b, a_before);
      return;
    }
    case CmpOp::ult:
    case CmpOp::ule: {
      const std::uint64_t strict = op == CmpOp::ult ? 1 : 0;
      if (b.umax_ < strict || a.umin_ > b.umax_ - strict) return a.make_empty(), b.make_empty();
      a.umax_ = std::min(a.umax_, b.umax_ - strict);
      b.umin_ = std::max(b.umin_, a.umin_ + strict);
      break;
    }
    case CmpOp::slt:
    case CmpOp::sle: {
      const std::int64_t strict = op == CmpOp::slt ? 1 : 0;
      if ((strict && b.smax_ == b.signed_min()) || a.smin_ > b.smax_ - strict) return a.make_empty(), b.make_empty();
      a.smax_ = std::min(a.smax_, b.smax_ - strict);
      b.smin_ = std::max(b.smin_, a.smin_ + strict);
      break;
    }
    case CmpOp::set: {  // (a & b) != 0
      const Word both = Word::bit_and(a, b);
      if (both.umax_ == 0) return a.make_empty(), b.make_empty();
      const auto must_have = [](Word& w, const Word& single) {
        if (single.is_constant() && std::has_single_bit(single.umin_))
          w = meet(w, Word::from_tnum(w.bits_, {single.umin_, w.ones() & ~single.umin_}));
      };
      const Word a_before = a;
      must_have(a, b);
      must_have(b, a_before);
      return;
    }
  }
  a.sync();
  b.sync();
}

std::string Word::to_text() const {
  if (empty_) return "nothing";
  if (is_constant()) return smin_ < 0 && smin_ > -65536 ? fmt::format("{}", smin_) : fmt::format("{}", umin_);
  const bool u_full = umin_ == 0 && umax_ == ones(), s_full = smin_ == signed_min() && smax_ == signed_max();
  if (u_full && s_full && tnum_.mask == ones()) return "any number";
  if (!u_full) return fmt::format("{}..{}", umin_, umax_);
  if (!s_full) return fmt::format("{}..{}", smin_, smax_);
  return fmt::format("bits {:#x} of mask {:#x}", tnum_.value, tnum_.mask);
}

}  // namespace tenon::verify
