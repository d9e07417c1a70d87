// SPDX-License-Identifier: Apache-2.0
// The verifier's words and numbers, not a model of them, compiled once more with integers that are Z3 terms: in their namespace, `std::uint64_t` and
// its kin are looked up in the namespace `std` below first. A test includes the sources whose functions it proves and defines the others as what is
// proved of them elsewhere.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <span>
#include <string>

#include "base/bits.hpp"
#include "base/bug.hpp"
#include "isa/insn.hpp"
#include "isa/semantics.hpp"
#include "symbolic.hpp"

template <>
struct fmt::formatter<tenon::symbolic::U64> : fmt::formatter<int> {
  auto format(const tenon::symbolic::U64&, format_context& out) const { return fmt::formatter<int>::format(0, out); }
};
template <>
struct fmt::formatter<tenon::symbolic::S64> : fmt::formatter<int> {
  auto format(const tenon::symbolic::S64&, format_context& out) const { return fmt::formatter<int>::format(0, out); }
};

namespace tenon::isa {
/// What the instruction computes: the specification that the abstract operations are proved against (RFC 9669).
inline symbolic::U64 alu(AluOp op, bool is64, const symbolic::U64& x, const symbolic::U64& y) {
  using namespace symbolic;
  const unsigned bits = is64 ? 64 : 32;
  const z3::expr a = x.term().extract(bits - 1, 0), b = y.term().extract(bits - 1, 0);
  const z3::expr zero = Explorer::context().bv_val(0, bits), count = b & Explorer::context().bv_val(bits - 1, bits);
  // Multiplied and divided are the numbers that the operands stand for, which 64 bits hold.
  const auto widened = [&](const z3::expr& v) { return z3::zext(v, 64 - bits); };
  const auto widened_signed = [&](const z3::expr& v) { return z3::sext(v, 64 - bits); };
  const auto low = [&](const z3::expr& v) { return v.extract(bits - 1, 0); };
  const auto result = [&]() -> z3::expr {
    switch (op) {
      case AluOp::add:
        return a + b;
      case AluOp::sub:
        return a - b;
      case AluOp::mul:
        return low(product(widened(a), widened(b)));
      case AluOp::udiv:
        return z3::ite(b == zero, zero, low(quotient(widened(a), widened(b))));
      case AluOp::umod:
        return z3::ite(b == zero, a, low(remainder(widened(a), widened(b))));
      case AluOp::sdiv:
        return z3::ite(b == zero, zero, low(signed_quotient(widened_signed(a), widened_signed(b))));
      case AluOp::smod:
        return z3::ite(b == zero, a, low(signed_remainder(widened_signed(a), widened_signed(b))));
      case AluOp::bit_or:
        return a | b;
      case AluOp::bit_and:
        return a & b;
      case AluOp::bit_xor:
        return a ^ b;
      case AluOp::lsh:
        return z3::shl(a, count);
      case AluOp::rsh:
        return z3::lshr(a, count);
      case AluOp::arsh:
        return z3::ashr(a, count);
      case AluOp::mov:
        return b;
    }
    base::bug("unknown ALU operation");
  }();
  return U64(is64 ? result : z3::zext(result, 32));
}
}  // namespace tenon::isa

#define TENON_SYMBOLIC_STD                                                               \
  namespace base {                                                                       \
  using namespace ::tenon::base;                                                         \
  using i128 = symbolic::I128;                                                           \
  using u128 = symbolic::U128;                                                           \
  inline symbolic::U64 fill_right(symbolic::U64 v) {                                     \
    for (const unsigned step : {1u, 2u, 4u, 8u, 16u, 32u}) v = v | (v >> step);          \
    return v;                                                                            \
  }                                                                                      \
  }                                                                                      \
  namespace std {                                                                        \
  using namespace ::std;                                                                 \
  using uint64_t = symbolic::U64;                                                        \
  using int64_t = symbolic::S64;                                                         \
  template <class T>                                                                     \
  T min(const T& a, const T& b) {                                                        \
    return symbolic::choose((b < a).term, b, a);                                         \
  }                                                                                      \
  template <class T>                                                                     \
  T max(const T& a, const T& b) {                                                        \
    return symbolic::choose((a < b).term, b, a);                                         \
  }                                                                                      \
  template <class T>                                                                     \
  T min(initializer_list<T> all) {                                                       \
    T least = *all.begin();                                                              \
    for (const T& v : all) least = min(least, v);                                        \
    return least;                                                                        \
  }                                                                                      \
  template <class T>                                                                     \
  T max(initializer_list<T> all) {                                                       \
    T most = *all.begin();                                                               \
    for (const T& v : all) most = max(most, v);                                          \
    return most;                                                                         \
  }                                                                                      \
  /* No question for each two of them: a copy of the one it would find. */               \
  template <class T>                                                                     \
  const T* min_element(const T* first, const T* last) {                                  \
    static T least;                                                                      \
    least = *first;                                                                      \
    for (; first != last; ++first) least = min(least, *first);                           \
    return &least;                                                                       \
  }                                                                                      \
  template <class T>                                                                     \
  const T* max_element(const T* first, const T* last) {                                  \
    static T most;                                                                       \
    most = *first;                                                                       \
    for (; first != last; ++first) most = max(most, *first);                             \
    return &most;                                                                        \
  }                                                                                      \
  inline bool has_single_bit(const uint64_t& v) { return v != 0 && (v & (v - 1)) == 0; } \
  }

#define private public
namespace tenon::words {
TENON_SYMBOLIC_STD
}
#define verify words
#define step()    \
  assumed_step(); \
  void proved_step()
#define tnum_mul proved_tnum_mul
#include "verify/tnum.hpp"
#undef step
#undef tnum_mul
#define sync() \
  skipped() {} \
  void sync_for_real()
#define reconcile() \
  reconcile();      \
  void proved_reconcile()
#include "verify/word.hpp"
#undef reconcile
#undef sync
#undef verify
#undef private

// ------------------------------------------------------------------------------------------------------------------- Sets and their members

namespace tenon::words {

using isa::AluOp;
using isa::CmpOp;
using symbolic::Explorer;
using symbolic::S64;
using symbolic::U64;

using Claims = std::vector<z3::expr>;
inline Claims operator+(Claims a, const Claims& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline z3::expr all_of(const Claims& claims) {
  z3::expr all = Explorer::context().bool_val(true);
  for (const z3::expr& claim : claims) all = all && claim;
  return all;
}

inline void assume_all(const Claims& claims) {
  for (const z3::expr& claim : claims) Explorer::current().assume(claim);
}

inline U64 all_ones(unsigned bits) { return U64(bits == 64 ? ~0ull : (1ull << bits) - 1); }
inline U64 low_of(const U64& x) { return x & all_ones(32); }
inline z3::expr fits(const U64& v, unsigned bits) { return bits == 64 ? Explorer::context().bool_val(true) : (v <= all_ones(bits)).term; }

inline S64 signed_value(const U64& v, unsigned bits) { return S64(bits == 64 ? v.term() : z3::sext(v.term().extract(bits - 1, 0), 64 - bits)); }

inline Claims well_formed(const Tnum& t) { return {(t.value & t.mask).term() == 0}; }
inline Claims in(const Tnum& t, const U64& x) { return {((x & ~t.mask) == t.value).term}; }

/// What every word keeps, empty or not.
inline Claims well_formed(const Word& w) {
  return well_formed(w.tnum_) + Claims{fits(w.tnum_.value | w.tnum_.mask, w.bits_),
                                       fits(w.umin_, w.bits_),
                                       fits(w.umax_, w.bits_),
                                       (w.smin_ >= w.signed_min()).term,
                                       (w.smax_ <= w.signed_max()).term,
                                       (w.smin_ <= w.signed_max()).term,
                                       (w.smax_ >= w.signed_min()).term};
}
inline Claims well_formed(const Number& n) { return well_formed(n.whole_) + well_formed(n.low_); }

inline Claims in(const Word& w, const U64& x) {
  if (w.empty_) return {Explorer::context().bool_val(false)};
  const S64 s = signed_value(x, w.bits_);
  return Claims{fits(x, w.bits_), (x >= w.umin_).term, (x <= w.umax_).term, (s >= w.smin_).term, (s <= w.smax_).term} + in(w.tnum_, x);
}
inline Claims in(const Number& n, const U64& x) { return in(n.whole_, x) + in(n.low_, low_of(x)); }

template <class Set>
Claims holds(const Set& result, const U64& x) {
  return in(result, x) + well_formed(result);
}

inline Tnum some_tnum(const std::string& name) {
  return {symbolic::variable((name + ".value").c_str()), symbolic::variable((name + ".mask").c_str())};
}

/// A word of which nothing is known, not even that it is well formed.
inline Word some_word(const std::string& name, unsigned bits) {
  Word w(bits);
  const auto field = [&](const char* suffix) { return symbolic::variable((name + suffix).c_str()); };
  w.tnum_ = some_tnum(name);
  w.umin_ = field(".umin");
  w.umax_ = field(".umax");
  w.smin_ = S64(field(".smin"));
  w.smax_ = S64(field(".smax"));
  return w;
}

/// Any word at all.
inline Word any_word(const std::string& name, unsigned bits) {
  const Word w = some_word(name, bits);
  assume_all(well_formed(w));
  return w;
}

/// A number that lies in the set.
template <class Set>
U64 member(const std::string& name, const Set& set) {
  const U64 x = symbolic::variable(name.c_str());
  assume_all(in(set, x));
  return x;
}

inline z3::expr compare(CmpOp op, unsigned bits, const U64& x, const U64& y) {
  const z3::expr a = x.term().extract(bits - 1, 0), b = y.term().extract(bits - 1, 0);
  switch (op) {
    case CmpOp::eq:
      return a == b;
    case CmpOp::ne:
      return a != b;
    case CmpOp::ugt:
      return z3::ugt(a, b);
    case CmpOp::uge:
      return z3::uge(a, b);
    case CmpOp::ult:
      return z3::ult(a, b);
    case CmpOp::ule:
      return z3::ule(a, b);
    case CmpOp::sgt:
      return a > b;
    case CmpOp::sge:
      return a >= b;
    case CmpOp::slt:
      return a < b;
    case CmpOp::sle:
      return a <= b;
    case CmpOp::set:
      return (a & b) != 0;
  }
  base::bug("unknown comparison");
}

constexpr AluOp kAll[] = {AluOp::add,    AluOp::sub,     AluOp::mul,     AluOp::udiv, AluOp::sdiv, AluOp::umod, AluOp::smod,
                          AluOp::bit_or, AluOp::bit_and, AluOp::bit_xor, AluOp::lsh,  AluOp::rsh,  AluOp::arsh, AluOp::mov};
constexpr CmpOp kComparisons[] = {CmpOp::eq,  CmpOp::ne,  CmpOp::ugt, CmpOp::uge, CmpOp::ult, CmpOp::ule,
                                  CmpOp::sgt, CmpOp::sge, CmpOp::slt, CmpOp::sle, CmpOp::set};

}  // namespace tenon::words
