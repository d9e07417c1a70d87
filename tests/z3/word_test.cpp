// SPDX-License-Identifier: Apache-2.0
// The operations on words at 32 and 64 bits: whatever the sets, if the operands lie in them, the result lies in the result. Not here, because Z3 does not
// finish: mul, udiv, umod, sdiv and smod; tests/unit/verify/word_test.cpp has them, and all others, exhaustively at 4 bits, and with random words of 64.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <string>

#include "symbolic_word.hpp"

namespace tenon::words {
namespace {

using isa::AluOp;
using isa::CmpOp;
using symbolic::Explorer;
using symbolic::S64;
using symbolic::U64;

constexpr unsigned kTimeoutMs = 60'000;

using Claims = std::vector<z3::expr>;
Claims operator+(Claims a, const Claims& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

z3::expr fits(const U64& v, unsigned bits) { return bits == 64 ? Explorer::context().bool_val(true) : (v <= U64((1ull << bits) - 1)).term; }

S64 signed_value(const U64& v, unsigned bits) {
  const unsigned shift = 64 - bits;
  return S64(v << shift) >> shift;
}

/// What every word keeps, empty or not.
Claims well_formed(const Word& w) {
  return {(w.tnum_.value & w.tnum_.mask).term() == 0,
          fits(w.tnum_.value | w.tnum_.mask, w.bits_),
          fits(w.umin_, w.bits_),
          fits(w.umax_, w.bits_),
          (w.smin_ >= w.signed_min()).term,
          (w.smax_ <= w.signed_max()).term,
          (w.smin_ <= w.signed_max()).term,
          (w.smax_ >= w.signed_min()).term};
}

Claims in(const Word& w, const U64& x) {
  if (w.empty_) return {Explorer::context().bool_val(false)};
  const S64 s = signed_value(x, w.bits_);
  return {fits(x, w.bits_),    (x >= w.umin_).term, (x <= w.umax_).term,
          (s >= w.smin_).term, (s <= w.smax_).term, ((x & ~w.tnum_.mask) == w.tnum_.value).term};
}

U64 low_of(const U64& x) { return x & U64(0xffffffffull); }
Claims in(const Number& n, const U64& x) { return in(n.whole_, x) + in(n.low_, low_of(x)); }
Claims well_formed(const Number& n) { return well_formed(n.whole_) + well_formed(n.low_); }
void assume_all(const Claims& claims) {
  for (const z3::expr& claim : claims) Explorer::current().assume(claim);
}

/// Any word at all.
Word any_word(const std::string& name, unsigned bits) {
  Word w(bits);
  const auto field = [&](const char* suffix) { return symbolic::variable((name + suffix).c_str()); };
  w.tnum_ = {field(".value"), field(".mask")};
  w.umin_ = field(".umin");
  w.umax_ = field(".umax");
  w.smin_ = S64(field(".smin"));
  w.smax_ = S64(field(".smax"));
  assume_all(well_formed(w));
  return w;
}

Number any_number(const std::string& name) {
  Number n;
  n.whole_ = any_word(name, 64);
  n.low_ = any_word(name + ".low", 32);
  return n;
}

/// A number that lies in the set.
template <class Set>
U64 member(const std::string& name, const Set& set) {
  const U64 x = symbolic::variable(name.c_str());
  assume_all(in(set, x));
  return x;
}

template <class Set>
Claims holds(const Set& result, const U64& x) {
  return in(result, x) + well_formed(result);
}

z3::expr compare(CmpOp op, unsigned bits, const U64& x, const U64& y) {
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

/// Minutes of many paths each: only when asked for.
#define TENON_LONG_PROOF() \
  if (std::getenv("TENON_Z3_FULL") == nullptr) GTEST_SKIP() << "set TENON_Z3_FULL for this one"

constexpr AluOp kLinear[] = {AluOp::add, AluOp::sub, AluOp::bit_or, AluOp::bit_and, AluOp::bit_xor, AluOp::lsh, AluOp::rsh, AluOp::arsh, AluOp::mov};
constexpr CmpOp kComparisons[] = {CmpOp::eq,  CmpOp::ne,  CmpOp::ugt, CmpOp::uge, CmpOp::ult, CmpOp::ule,
                                  CmpOp::sgt, CmpOp::sge, CmpOp::slt, CmpOp::sle, CmpOp::set};

using WordOp = std::function<Word(const Word&, const Word&)>;
std::string refute(AluOp op, unsigned bits, const WordOp& abstract) {
  Explorer explorer(kTimeoutMs);
  const Word a = any_word("a", bits), b = any_word("b", bits);
  const U64 x = member("x", a), y = member("y", b);
  return explorer.prove([&] { return holds(abstract(a, b), isa::alu(op, bits == 64, x, y)); });
}

class Width : public ::testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Z3, Width, ::testing::Values(32u, 64u), [](const auto& info) { return std::to_string(info.param); });

TEST_P(Width, SyncKeepsEveryNumber) {
  Explorer explorer(kTimeoutMs);
  const Word before = any_word("a", GetParam());
  const U64 x = member("x", before);
  EXPECT_EQ(explorer.prove([&] {
    Word after = before;
    after.sync_once();
    return holds(after, x);
  }),
            "");
  EXPECT_GT(explorer.paths(), 4u);
}

TEST_P(Width, Arithmetic) {
  for (const AluOp op : kLinear) {
    EXPECT_EQ(refute(op, GetParam(), [&](const Word& a, const Word& b) { return alu(op, a, b); }), "") << static_cast<int>(op);
  }
}

TEST_P(Width, Negation) {
  Explorer explorer(kTimeoutMs);
  const Word a = any_word("a", GetParam());
  const U64 x = member("x", a);
  EXPECT_EQ(explorer.prove([&] { return holds(a.negated(), isa::alu(AluOp::sub, GetParam() == 64, U64(0), x)); }), "");
}

TEST_P(Width, JoinAndMeet) {
  Explorer explorer(kTimeoutMs);
  const Word a = any_word("a", GetParam()), b = any_word("b", GetParam());
  const U64 x = member("x", a);
  EXPECT_EQ(explorer.prove([&] { return holds(join(a, b), x); }), "");
  EXPECT_EQ(explorer.prove([&] { return holds(join(b, a), x); }), "");
  assume_all(in(b, x));
  EXPECT_EQ(explorer.prove([&] { return holds(meet(a, b), x); }), "");
}

TEST_P(Width, Widening) {
  TENON_LONG_PROOF();
  Explorer explorer(kTimeoutMs);
  const Word a = any_word("a", GetParam()), b = any_word("b", GetParam());
  const U64 x = member("x", a);
  const U64 thresholds[] = {U64(7), U64(0x80000000ull)};
  EXPECT_EQ(explorer.prove([&] { return holds(widen(a, b, {}), x); }), "");
  EXPECT_EQ(explorer.prove([&] { return holds(widen(b, a, {}), x); }), "");
  EXPECT_EQ(explorer.prove([&] { return holds(widen(b, a, thresholds), x); }), "");
}

TEST_P(Width, Conversions) {
  const unsigned bits = GetParam();
  for (const unsigned narrow : {8u, 16u, 32u}) {
    if (narrow >= bits) continue;
    Explorer explorer(kTimeoutMs);
    const Word wide = any_word("a", bits), slim = any_word("b", narrow);
    const U64 x = member("x", wide), y = member("y", slim);
    EXPECT_EQ(explorer.prove([&] { return holds(wide.truncated(narrow), x & U64((1ull << narrow) - 1)); }), "") << narrow;
    EXPECT_EQ(explorer.prove([&] { return holds(slim.zero_extended(bits), y); }), "") << narrow;
    const U64 extended = U64(signed_value(y, narrow)) & slim.zero_extended(bits).ones();
    EXPECT_EQ(explorer.prove([&] { return holds(slim.sign_extended(bits), extended); }), "") << narrow;
  }
}

TEST_P(Width, Comparisons) {
  for (const CmpOp op : kComparisons) {
    Explorer explorer(kTimeoutMs);
    const Word a = any_word("a", GetParam()), b = any_word("b", GetParam());
    const U64 x = member("x", a), y = member("y", b);
    explorer.assume(compare(op, GetParam(), x, y));
    EXPECT_EQ(explorer.prove([&] {
      Word left = a, right = b;
      assume(op, left, right);
      return holds(left, x) + holds(right, y);
    }),
              "")
        << static_cast<int>(op);
  }
}

class Wide : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Z3, Wide, ::testing::Bool(), [](const auto& info) { return info.param ? "64" : "32"; });

TEST_P(Wide, NumberArithmetic) {
  TENON_LONG_PROOF();
  for (const AluOp op : kLinear) {
    Explorer explorer(kTimeoutMs);
    const Number a = any_number("a"), b = any_number("b");
    const U64 x = member("x", a), y = member("y", b);
    EXPECT_EQ(explorer.prove([&] { return holds(alu(op, GetParam(), a, b), isa::alu(op, GetParam(), x, y)); }), "") << static_cast<int>(op);
  }
}

TEST_P(Wide, NumberComparisons) {
  TENON_LONG_PROOF();
  for (const CmpOp op : kComparisons) {
    Explorer explorer(kTimeoutMs);
    const Number a = any_number("a"), b = any_number("b");
    const U64 x = member("x", a), y = member("y", b);
    explorer.assume(compare(op, GetParam() ? 64 : 32, x, y));
    EXPECT_EQ(explorer.prove([&] {
      Number left = a, right = b;
      assume(op, GetParam(), left, right);
      return holds(left, x) + holds(right, y);
    }),
              "")
        << static_cast<int>(op);
  }
}

TEST_P(Wide, NumberConversions) {
  TENON_LONG_PROOF();
  Explorer explorer(kTimeoutMs);
  const Number a = any_number("a");
  const U64 x = member("x", a);
  for (const unsigned from : {8u, 16u, 32u}) {
    const U64 zeroed = x & U64((1ull << from) - 1), extended = U64(signed_value(zeroed, from));
    EXPECT_EQ(explorer.prove([&] { return holds(a.zero_extended(from), zeroed); }), "") << from;
    EXPECT_EQ(explorer.prove([&] { return holds(a.sign_extended(from, GetParam()), GetParam() ? extended : low_of(extended)); }), "") << from;
  }
  EXPECT_EQ(explorer.prove([&] { return holds(a.negated(GetParam()), isa::alu(AluOp::sub, GetParam(), U64(0), x)); }), "");
}

TEST(Numbers, JoinMeetAndTheirHalves) {
  TENON_LONG_PROOF();
  Explorer explorer(kTimeoutMs);
  const Number a = any_number("a"), b = any_number("b");
  const U64 x = member("x", a);
  EXPECT_EQ(explorer.prove([&] { return holds(join(a, b), x); }), "");
  EXPECT_EQ(explorer.prove([&] { return holds(join(b, a), x); }), "");
  EXPECT_EQ(explorer.prove([&] { return holds(widen(b, a, {}), x); }), "");
  EXPECT_EQ(explorer.prove([&] { return holds(Number(a.whole_), x); }), "");
  assume_all(in(b, x));
  EXPECT_EQ(explorer.prove([&] { return holds(meet(a, b), x); }), "");
}

// What the proofs would say of operations that are almost right.
TEST_P(Width, WrongOnesAreRefuted) {
  const auto refuted = [&](AluOp op, const WordOp& wrong) { return !refute(op, GetParam(), wrong).empty(); };
  EXPECT_TRUE(refuted(AluOp::add, [](const Word& a, const Word& b) {
    Word w = alu(AluOp::add, a, b);
    w.umax_ = a.umax_ + b.umax_;  // it may wrap
    return w;
  }));
  EXPECT_TRUE(refuted(AluOp::sub, [](const Word& a, const Word& b) {
    Word w = alu(AluOp::sub, a, b);
    w.smin_ = a.smin_ - b.smin_;
    return w;
  }));
  EXPECT_TRUE(refuted(AluOp::bit_or, [](const Word& a, const Word& b) {
    Word w = alu(AluOp::bit_or, a, b);
    w.umax_ = symbolic::choose((a.umax_ > b.umax_).term, a.umax_, b.umax_);
    return w;
  }));
  EXPECT_TRUE(refuted(AluOp::rsh, [](const Word& a, const Word& b) {
    Word w = Word::unknown(a.bits_);
    w.umax_ = a.umax_ >> b.umin_;  // the count is taken modulo the width
    return w;
  }));
  EXPECT_TRUE(refuted(AluOp::mov, [](const Word& a, const Word&) { return a; }));
}

}  // namespace
}  // namespace tenon::words
