// SPDX-License-Identifier: Apache-2.0
// The non-relational domain: what is known of one machine word, as a tnum (known bits) and as unsigned and signed intervals, all at once and kept
// consistent. The width is a parameter from 1 to 64, so that every operation is checked exhaustively at small widths (word_test.cpp); at 32 and 64
// bits Z3 proves them on this source (tests/z3). Source: Vishwanathan et al., "Sound, Precise, and Fast Abstract Interpretation with Tristate
// Numbers" (CGO '22), for the tnum operations.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "isa/insn.hpp"
#include "verify/tnum.hpp"

namespace tenon::verify {

/// The set of all w in [umin, umax], with signed value in [smin, smax], whose bits agree with the tnum. `empty` sets are unreachable code.
class Word {
 public:
  static Word unknown(unsigned bits);
  static Word constant(unsigned bits, std::uint64_t value);
  static Word unsigned_range(unsigned bits, std::uint64_t lo, std::uint64_t hi);
  static Word signed_range(unsigned bits, std::int64_t lo, std::int64_t hi);

  unsigned bits() const { return bits_; }
  std::uint64_t umin() const { return umin_; }
  std::uint64_t umax() const { return umax_; }
  std::int64_t smin() const { return smin_; }
  std::int64_t smax() const { return smax_; }
  Tnum tnum() const { return tnum_; }
  bool empty() const { return empty_; }
  bool is_constant() const { return !empty_ && umin_ == umax_; }
  bool contains(std::uint64_t value) const;
  /// Set inclusion, component by component (sound, not complete).
  bool includes(const Word& other) const;
  bool operator==(const Word&) const = default;

  friend Word join(const Word& a, const Word& b);
  friend Word meet(const Word& a, const Word& b);
  /// Bounds that grew jump to the next threshold (sorted, as unsigned values), so chains are finite.
  friend Word widen(const Word& old, const Word& now, std::span<const std::uint64_t> thresholds);

  friend Word alu(isa::AluOp op, const Word& a, const Word& b);
  Word negated() const;
  Word truncated(unsigned bits) const;
  Word zero_extended(unsigned bits) const;
  Word sign_extended(unsigned bits) const;
  /// Restricts both words to the pairs for which `a op b` holds; either may become empty.
  friend void assume(isa::CmpOp op, Word& a, Word& b);

  std::string to_text() const;

 private:
  explicit Word(unsigned bits) : bits_(static_cast<std::uint8_t>(bits)) {}
  std::uint64_t ones() const { return bits_ == 64 ? ~0ull : (1ull << bits_) - 1; }
  std::int64_t as_signed(std::uint64_t v) const {
    const unsigned shift = 64 - bits_;
    return static_cast<std::int64_t>(v << shift) >> shift;
  }
  std::int64_t signed_min() const { return as_signed(1ull << (bits_ - 1)); }
  std::int64_t signed_max() const { return static_cast<std::int64_t>(ones() >> 1); }
  void sync();
  void sync_once();
  void make_empty();

  static Word from_tnum(unsigned bits, Tnum t);
  static Word add(const Word& a, const Word& b);
  static Word sub(const Word& a, const Word& b);
  static Word mul(const Word& a, const Word& b);
  static Word udiv(const Word& a, const Word& b);
  static Word umod(const Word& a, const Word& b);
  static Word sdiv(const Word& a, const Word& b);
  static Word smod(const Word& a, const Word& b);
  static Word bit_and(const Word& a, const Word& b);
  static Word bit_or(const Word& a, const Word& b);
  static Word bit_xor(const Word& a, const Word& b);
  static Word shift_left(const Word& a, const Word& b);
  static Word shift_right(const Word& a, const Word& b);
  static Word shift_right_signed(const Word& a, const Word& b);

  std::uint8_t bits_;
  bool empty_ = false;
  Tnum tnum_;
  std::uint64_t umin_ = 0, umax_ = 0;
  std::int64_t smin_ = 0, smax_ = 0;
};

Word join(const Word& a, const Word& b);
Word meet(const Word& a, const Word& b);
Word widen(const Word& old, const Word& now, std::span<const std::uint64_t> thresholds);
Word alu(isa::AluOp op, const Word& a, const Word& b);
void assume(isa::CmpOp op, Word& a, Word& b);

/// A 64-bit register: the whole and its low half, each sharpening the other.
class Number {
 public:
  Number() : whole_(Word::unknown(64)), low_(Word::unknown(32)) {}
  explicit Number(const Word& whole) : whole_(whole), low_(whole.truncated(32)) {}
  static Number constant(std::uint64_t value) { return Number(Word::constant(64, value)); }
  static Number unsigned_range(std::uint64_t lo, std::uint64_t hi) { return Number(Word::unsigned_range(64, lo, hi)); }
  static Number signed_range(std::int64_t lo, std::int64_t hi) { return Number(Word::signed_range(64, lo, hi)); }

  const Word& whole() const { return whole_; }
  const Word& low() const { return low_; }
  bool empty() const { return whole_.empty() || low_.empty(); }
  bool is_constant() const { return whole_.is_constant(); }
  std::uint64_t constant_value() const { return whole_.umin(); }
  bool includes(const Number& other) const { return whole_.includes(other.whole_) && low_.includes(other.low_); }
  bool operator==(const Number&) const = default;

  friend Number join(const Number& a, const Number& b);
  friend Number meet(const Number& a, const Number& b);
  friend Number widen(const Number& old, const Number& now, std::span<const std::uint64_t> thresholds);
  friend Number alu(isa::AluOp op, bool is64, const Number& a, const Number& b);
  friend void assume(isa::CmpOp op, bool is64, Number& a, Number& b);
  Number negated(bool is64) const;
  Number sign_extended(unsigned from_bits, bool is64) const;
  Number zero_extended(unsigned from_bits) const;

 private:
  Number(const Word& whole, const Word& low) : whole_(whole), low_(low) { reconcile(); }
  void reconcile();
  Word whole_, low_;
};

Number join(const Number& a, const Number& b);
Number meet(const Number& a, const Number& b);
Number widen(const Number& old, const Number& now, std::span<const std::uint64_t> thresholds);
Number alu(isa::AluOp op, bool is64, const Number& a, const Number& b);
void assume(isa::CmpOp op, bool is64, Number& a, Number& b);

}  // namespace tenon::verify
