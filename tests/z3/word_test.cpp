// SPDX-License-Identifier: Apache-2.0
// The operations on words at 32 and 64 bits: whatever the sets, if the operands lie in them, the result lies in the result. First sync_once() is
// proved to keep every number of a set, for all sets; then the operations, where sync() does nothing, as what they make without it is sound with it,
// too.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <optional>
#include <string>

#include "lemmas.hpp"
#include "symbolic_word.hpp"

namespace tenon::words {
Tnum tnum_mul(Tnum a, Tnum b);
}
#define private public
#define verify words
#define sync() skipped()
#include "verify/word.cpp"
#undef sync
#define sync() sync_for_real()
#include "verify/word_sync.cpp"
#undef sync
#define step() assumed_step()
#define tnum_mul proved_tnum_mul
#include "verify/tnum.cpp"
#undef tnum_mul
#undef step
#undef verify
#undef private

namespace tenon::words {
namespace {

constexpr unsigned kTimeoutMs = 60'000;

/// Two numbers that are multiplied. The one of a proof.
struct Factors {
  U64 x, y;
};
std::optional<Factors> factors;

/// Minutes of many paths each: only when asked for.
#define TENON_LONG_PROOF() \
  if (std::getenv("TENON_Z3_FULL") == nullptr) GTEST_SKIP() << "set TENON_Z3_FULL for this one"

constexpr AluOp kLinear[] = {AluOp::add, AluOp::sub, AluOp::bit_or, AluOp::bit_and, AluOp::bit_xor, AluOp::lsh, AluOp::rsh, AluOp::arsh, AluOp::mov};
constexpr AluOp kNotLinear[] = {AluOp::mul, AluOp::udiv, AluOp::sdiv, AluOp::umod, AluOp::smod};

using WordOp = std::function<Word(const Word&, const Word&)>;
std::string refute(AluOp op, unsigned bits, const WordOp& abstract) {
  Explorer explorer(kTimeoutMs);
  const Word a = any_word("a", bits), b = any_word("b", bits);
  const U64 x = member("x", a), y = member("y", b);
  return explorer.prove([&] { return holds(abstract(a, b), isa::alu(op, bits == 64, x, y)); });
}

/// What the proofs of products and quotients use: of the members, and of the bounds that the operations multiply and divide.
void explain(AluOp op, const Word& a, const Word& b, const U64& x, const U64& y) {
  using namespace symbolic;
  const z3::expr u = x.term(), v = y.term(), s = signed_value(x, a.bits_).term(), t = signed_value(y, b.bits_).term();
  const z3::expr a_umin = a.umin_.term(), a_umax = a.umax_.term(), b_umin = b.umin_.term(), b_umax = b.umax_.term();
  const z3::expr a_smin = a.smin_.term(), a_smax = a.smax_.term(), b_smin = b.smin_.term(), b_smax = b.smax_.term();
  if (op == AluOp::mul) {
    assume_all({product_grows(u, v, a_umax, b_umax), product_grows(a_umin, b_umin, u, v), product_wraps(u, v), product_wraps(a_umin, b_umin),
                product_wraps(s, t), product_of_low_halves(s, t), product_between(a_smin, s, a_smax, t, false),
                product_between(b_smin, t, b_smax, a_smin, true), product_between(b_smin, t, b_smax, a_smax, true)});
  } else {
    assume_all({quotient_grows(u, v, a_umax, z3::ite(b_umin == 0, one_like(b_umin), b_umin)), quotient_grows(a_umin, b_umax, u, v),
                remainder_is_less(u, v), quotient_of_positives(s, t), signed_quotient_grows(s, a_smax, b_smin),
                signed_quotient_grows(a_smin, s, b_smin), signed_remainder_is_less(s, b_smin)});
  }
}

/// As refute(), with opaque products and quotients.
std::string refute_opaque(AluOp op, unsigned bits, const WordOp& abstract) {
  const symbolic::Opaque opaque;
  Explorer explorer(kTimeoutMs);
  const Word a = any_word("a", bits), b = any_word("b", bits);
  const U64 x = member("x", a), y = member("y", b);
  factors = {x, y};
  explain(op, a, b, x, y);
  return explorer.prove([&] { return holds(abstract(a, b), isa::alu(op, bits == 64, x, y)); });
}

}  // namespace

/// All steps that are left. `uncertain` holds a number which, with what the members of the factors that are left have more than their values, is
/// always the same. Products.AStepKeepsTheWhole proves that of each step, and that each shifts `a` to the right: in the end no factor is left.
void TnumProduct::assumed_step() {
  const auto [x, y] = factors.value();
  const U64 whole = symbolic::variable("whole");
  Explorer::current().learn(symbolic::product(x.term(), y.term()) == (a.value * b.value + whole).term());
  const z3::expr before = all_of(in(a, x) + in(b, y) + in(uncertain, 0));
  a = {0, 0};
  uncertain = some_tnum("uncertain");
  Explorer::current().learn(all_of(well_formed(uncertain)));
  Explorer::current().learn(z3::implies(before, all_of(in(uncertain, whole))));
}

/// Products.KnownBits proves it.
Tnum tnum_mul(Tnum a, Tnum b) {
  static int made = 0;
  const auto [x, y] = factors.value();
  const Tnum result = some_tnum("product" + std::to_string(++made));
  Explorer::current().learn(all_of(well_formed(result)));
  Explorer::current().learn(z3::implies(all_of(in(a, x) + in(b, y)), all_of(in(result, U64(symbolic::product(x.term(), y.term()))))));
  return result;
}

namespace {

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

TEST_P(Width, ProductsAndQuotients) {
  for (const AluOp op : kNotLinear) {
    EXPECT_EQ(refute_opaque(op, GetParam(), [&](const Word& a, const Word& b) { return alu(op, a, b); }), "") << static_cast<int>(op);
  }
}

TEST_P(Width, Ranges) {
  Explorer explorer(kTimeoutMs);
  const unsigned bits = GetParam();
  const U64 x = symbolic::variable("x"), lo = symbolic::variable("lo"), hi = symbolic::variable("hi");
  const S64 s = signed_value(x, bits);
  explorer.assume(fits(x, bits));
  EXPECT_EQ(explorer.prove([&] { return holds(Word::unknown(bits), x); }), "");
  EXPECT_EQ(explorer.prove([&] { return holds(Word::constant(bits, lo), lo & all_ones(bits)); }), "");
  const auto within = [&](const z3::expr& range, const Word& made) -> Claims { return {z3::implies(range, all_of(holds(made, x)))}; };
  EXPECT_EQ(explorer.prove([&] { return within((x >= lo).term && (x <= hi).term, Word::unsigned_range(bits, lo, hi)); }), "");
  EXPECT_EQ(explorer.prove([&] { return within((s >= S64(lo)).term && (s <= S64(hi)).term, Word::signed_range(bits, S64(lo), S64(hi))); }), "");
}

/// The word, or none.
Word or_none(Word w) {
  w.empty_ = Explorer::current().decide(Explorer::context().bool_const("none"));
  return w;
}

TEST_P(Width, Inclusion) {
  Explorer explorer(kTimeoutMs);
  const Word a = any_word("a", GetParam()), b = any_word("b", GetParam());
  const U64 x = member("x", a);
  EXPECT_EQ(explorer.prove([&]() -> Claims {
    const Word larger = or_none(b);
    if (!larger.includes(a)) return {};
    return in(larger, x);
  }),
            "");
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
  EXPECT_EQ(explorer.prove([&] { return holds(join(a, or_none(b)), x); }), "");
  EXPECT_EQ(explorer.prove([&] { return holds(join(or_none(b), a), x); }), "");
  assume_all(in(b, x));
  EXPECT_EQ(explorer.prove([&] { return holds(meet(a, b), x); }), "");
}

enum class Part { known_bits, unsigned_bounds, signed_bounds, all };

/// Any word, of which only the part may be known.
Word any_word_of(Part part, const std::string& name, unsigned bits) {
  const Word any = any_word(name, bits);
  if (part == Part::all) return any;
  Word w = Word::unknown(bits);
  if (part == Part::known_bits) w.tnum_ = any.tnum_;
  if (part == Part::unsigned_bounds) w.umin_ = any.umin_, w.umax_ = any.umax_;
  if (part == Part::signed_bounds) w.smin_ = any.smin_, w.smax_ = any.smax_;
  return w;
}

/// One threshold stands for all: a bound becomes the last that there is or one of them, and would become the same if there were no other.
std::string refute_widening(Part part, unsigned bits, const std::function<Word(const Word&, const Word&, std::span<const U64>)>& abstract) {
  Explorer explorer(kTimeoutMs);
  const Word a = any_word_of(part, "a", bits), b = any_word_of(part, "b", bits);
  const U64 thresholds[] = {symbolic::variable("threshold")};
  const U64 x = member("x", a);
  const std::string older = explorer.prove([&] { return holds(abstract(a, or_none(b), thresholds), x); });
  return older + explorer.prove([&] { return holds(abstract(or_none(b), a, thresholds), x); });
}

// widen() makes each part of a word of the same part of others, so each is proved where nothing is known of the others; all at once are many paths.
TEST_P(Width, Widening) {
  for (const Part part : {Part::known_bits, Part::unsigned_bounds, Part::signed_bounds}) {
    const auto real = [](const Word& a, const Word& b, std::span<const U64> thresholds) { return widen(a, b, thresholds); };
    EXPECT_EQ(refute_widening(part, GetParam(), real), "") << static_cast<int>(part);
    const auto keeps_the_older = [](const Word& a, const Word&, std::span<const U64>) { return a; };
    EXPECT_TRUE(Explorer::is_counterexample(refute_widening(part, GetParam(), keeps_the_older))) << static_cast<int>(part);
  }
  EXPECT_TRUE(Explorer::is_counterexample(refute_widening(Part::unsigned_bounds, GetParam(), [](const Word& a, const Word& b, auto thresholds) {
    Word w = widen(a, b, thresholds);
    if (join(a, b).umax_ > a.umax_) w.umax_ = thresholds[0];
    return w;
  })));
}

TEST_P(Width, WideningOfAllPartsAtOnce) {
  TENON_LONG_PROOF();
  EXPECT_EQ(refute_widening(Part::all, GetParam(), [](const Word& a, const Word& b, auto thresholds) { return widen(a, b, thresholds); }), "");
}

TEST_P(Width, Conversions) {
  const unsigned bits = GetParam();
  for (const unsigned narrow : {8u, 16u, 32u}) {
    if (narrow > bits) continue;
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

// ------------------------------------------------------------------------------------------------------------------- Products and quotients

TEST(Products, AStepKeepsTheWhole) {
  const symbolic::Opaque opaque;
  Explorer explorer(kTimeoutMs);
  const auto refuted = [&](auto&& step) {
    const TnumProduct before{some_tnum("a"), some_tnum("b"), some_tnum("uncertain")};
    const U64 x = member("x", before.a), y = member("y", before.b), so_far = member("d", before.uncertain);
    assume_all(well_formed(before.a) + well_formed(before.b) + well_formed(before.uncertain));
    assume_all({symbolic::product_by_bits(x.term(), y.term()), symbolic::product_by_bits(before.a.value.term(), before.b.value.term())});
    const auto left = [](const TnumProduct& p, const U64& u, const U64& v) {
      return U64(symbolic::product(u.term(), v.term())) - p.a.value * p.b.value;
    };
    return explorer.prove([&] {
      TnumProduct after = before;
      step(after);
      const U64 next_x = x >> 1, next_y = y << 1;
      return Claims{(after.a.value == before.a.value >> 1).term, (after.a.mask == before.a.mask >> 1).term} + holds(after.a, next_x) +
             holds(after.b, next_y) + holds(after.uncertain, so_far + left(before, x, y) - left(after, next_x, next_y));
    });
  };
  EXPECT_EQ(refuted([](TnumProduct& p) { p.proved_step(); }), "");
  EXPECT_TRUE(Explorer::is_counterexample(refuted([](TnumProduct& p) {
    const Tnum known{p.b.value, 0};
    p.b.value = 0;  // a bit that may be set adds the known bits, too
    p.proved_step();
    p.b.value = known.value << 1;
  })));
}

TEST(Products, KnownBits) {
  const symbolic::Opaque opaque;
  Explorer explorer(kTimeoutMs);
  const Tnum a = some_tnum("a"), b = some_tnum("b");
  assume_all(well_formed(a) + well_formed(b));
  const U64 x = member("x", a), y = member("y", b), whole(symbolic::product(x.term(), y.term()));
  factors = {x, y};
  assume_all({symbolic::product_by_bits(x.term(), y.term()), symbolic::product_by_bits(a.value.term(), b.value.term())});
  EXPECT_EQ(explorer.prove([&] { return holds(proved_tnum_mul(a, b), whole); }), "");
  EXPECT_TRUE(Explorer::is_counterexample(explorer.prove([&] {
    Tnum result = proved_tnum_mul(a, b);
    result.mask = a.mask & b.mask;
    return holds(result, whole);
  })));
}

/// As the lemmas are written, of so few bits that their circuits are small.
TEST(Lemmas, HoldAsWritten) {
  using namespace symbolic;
  const auto v = [](const char* name) { return Explorer::context().bv_const(name, 6); };
  const z3::expr x = v("x"), y = v("y"), lo = v("lo"), hi = v("hi");
  const auto refuted = [](const z3::expr& lemma) {
    Explorer explorer(kTimeoutMs);
    return explorer.prove([&]() -> Claims { return {lemma}; });
  };
  EXPECT_EQ(refuted(product_grows(x, y, lo, hi)), "");
  EXPECT_EQ(refuted(product_between(lo, x, hi, y, false)), "");
  EXPECT_EQ(refuted(product_between(lo, x, hi, y, true)), "");
  EXPECT_EQ(refuted(product_wraps(x, y)), "");
  EXPECT_EQ(refuted(product_of_low_halves(x, y)), "");
  EXPECT_EQ(refuted(product_by_bits(x, y)), "");
  EXPECT_EQ(refuted(quotient_grows(x, y, lo, hi)), "");
  EXPECT_EQ(refuted(remainder_is_less(x, y)), "");
  EXPECT_EQ(refuted(quotient_of_positives(x, y)), "");
  EXPECT_EQ(refuted(signed_quotient_grows(x, hi, y)), "");
  EXPECT_EQ(refuted(signed_remainder_is_less(x, y)), "");
  EXPECT_TRUE(Explorer::is_counterexample(refuted(product_between(lo, x, hi, y, false) && product(x, y) != product(y, x))));
  EXPECT_TRUE(Explorer::is_counterexample(refuted(z3::implies(z3::ule(x, lo), z3::ule(product(x, y), product(lo, y))))));
  EXPECT_TRUE(Explorer::is_counterexample(refuted(z3::implies(x <= hi, signed_quotient(x, y) <= signed_quotient(hi, y)))));
}

/// Of integers, thus of any width: a bit vector stands for one, its product with as many bits more is exact, and a narrower one is what is left of it
/// modulo a power of two. Where an argument needs no more than that two integers differ by less than one, Z3 proves it of real numbers, too.
TEST(Lemmas, HoldOfIntegers) {
  z3::context& context = Explorer::context();
  const auto v = [&](const char* name) { return context.real_const(name); };
  const z3::expr x = v("x"), y = v("y"), more_x = v("more_x"), more_y = v("more_y"), lo = v("lo"), hi = v("hi");
  const auto proved = [&](const z3::expr& given, const z3::expr& claim) {
    z3::solver solver = z3::tactic(context, "qfnra").mk_solver();
    solver.add(given && !claim);
    return solver.check() == z3::unsat;
  };
  const z3::expr yes = context.bool_val(true);
  // product_grows and product_between
  EXPECT_TRUE(proved(x >= 0 && y >= 0 && x <= more_x && y <= more_y, x * y <= more_x * more_y));
  EXPECT_FALSE(proved(y >= 0 && x <= more_x && y <= more_y, x * y <= more_x * more_y));
  EXPECT_TRUE(proved(lo <= x && x <= hi, (lo * y <= x * y && x * y <= hi * y) || (hi * y <= x * y && x * y <= lo * y)));
  // product_wraps and product_of_low_halves: factors that agree modulo m have products that do
  const z3::expr m = v("m"), i = v("i"), j = v("j"), q = v("q"), r = v("r");
  EXPECT_TRUE(proved(yes, (x + i * m) * (y + j * m) == x * y + m * (x * j + i * y + i * j * m)));
  // product_by_bits
  EXPECT_TRUE(proved(x == 2 * q + r, x * y == r * y + q * (2 * y)));
  // A quotient and what is left of x, by a positive y. That the quotient is whole enters where less than one more is no more.
  const z3::expr more_q = v("more_q"), more_r = v("more_r");
  const auto divided = [](const z3::expr& n, const z3::expr& by, const z3::expr& quotient, const z3::expr& rest) {
    return n >= 0 && by >= 1 && n == quotient * by + rest && quotient >= 0 && rest >= 0 && rest < by;
  };
  EXPECT_TRUE(proved(divided(x, y, q, r) && divided(more_x, lo, more_q, more_r) && x <= more_x && lo <= y, q < more_q + 1 && q <= x));
  EXPECT_TRUE(proved(divided(x, y, q, r), r < y && r <= x));
  EXPECT_TRUE(proved(divided(x, y, q, r) && x < y, q < 1));
  EXPECT_FALSE(proved(divided(x, y, q, r) && divided(more_x, lo, more_q, more_r) && x <= more_x && y <= lo, q < more_q + 1));
  // The signed ones are those of the magnitudes, with the sign of x, as y is positive.
  const auto divided_signed = [&](const z3::expr& n, const z3::expr& quotient, const z3::expr& rest) {
    return (n >= 0 && divided(n, y, quotient, rest)) || (n <= 0 && divided(-n, y, -quotient, -rest));
  };
  EXPECT_TRUE(proved(divided_signed(x, q, r) && divided_signed(more_x, more_q, more_r) && x <= more_x, q < more_q + 1));
  EXPECT_TRUE(proved(divided_signed(x, q, r), z3::implies(x >= 0, q >= 0 && q <= x && r >= 0) && z3::implies(x <= 0, q <= 0 && q >= x && r <= 0)));
  EXPECT_TRUE(proved(divided_signed(x, q, r), r < y && r > -y));
}

// What the proofs would say of operations that are almost right.
TEST_P(Width, WrongOnesAreRefuted) {
  const auto refuted = [&](AluOp op, const WordOp& wrong) { return Explorer::is_counterexample(refute(op, GetParam(), wrong)); };
  EXPECT_TRUE(refuted(AluOp::add, [](const Word& a, const Word& b) {
    Word w = Word::unknown(a.bits_);
    w.umax_ = a.umax_ + b.umax_;  // it may wrap
    return w;
  }));
  EXPECT_TRUE(refuted(AluOp::sub, [](const Word& a, const Word& b) {
    Word w = Word::unknown(a.bits_);
    w.smin_ = a.smin_ - b.smin_;
    return w;
  }));
  EXPECT_TRUE(refuted(AluOp::bit_or, [](const Word& a, const Word& b) {
    Word w = Word::unknown(a.bits_);
    w.umax_ = symbolic::choose((a.umax_ > b.umax_).term, a.umax_, b.umax_);
    return w;
  }));
  EXPECT_TRUE(refuted(AluOp::rsh, [](const Word& a, const Word& b) {
    Word w = Word::unknown(a.bits_);
    w.umax_ = a.umax_ >> b.umin_;  // the count is taken modulo the width
    return w;
  }));
  EXPECT_TRUE(refuted(AluOp::mov, [](const Word& a, const Word&) { return a; }));

  const auto refuted_opaque = [&](AluOp op, const WordOp& wrong) { return Explorer::is_counterexample(refute_opaque(op, GetParam(), wrong)); };
  EXPECT_TRUE(refuted_opaque(AluOp::mul, [](const Word& a, const Word& b) {
    Word w = Word::unknown(a.bits_);
    w.umax_ = a.umax_ * b.umax_;  // it may wrap
    return w;
  }));
  EXPECT_TRUE(refuted_opaque(AluOp::mul, [](const Word& a, const Word& b) {
    Word w = Word::unknown(a.bits_);
    w.smin_ = a.smin_ * b.smin_;
    return w;
  }));
  EXPECT_TRUE(refuted_opaque(AluOp::udiv, [](const Word& a, const Word& b) { return Word::unsigned_range(a.bits_, 0, a.umax_ / b.umax_); }));
  EXPECT_TRUE(refuted_opaque(AluOp::udiv, [](const Word& a, const Word& b) { return Word::unsigned_range(a.bits_, a.umin_ / b.umax_, a.umax_); }));
  EXPECT_TRUE(refuted_opaque(AluOp::umod, [](const Word& a, const Word& b) { return Word::unsigned_range(a.bits_, 0, b.umax_); }));  // x % 0 == x
  EXPECT_TRUE(refuted_opaque(AluOp::smod, [](const Word& a, const Word& b) { return Word::signed_range(a.bits_, 0, b.smax_); }));
  EXPECT_TRUE(refuted_opaque(AluOp::sdiv, [](const Word& a, const Word& b) {
    // what is constant as an unsigned number need not have been told to the signed range
    if (b.is_constant() && b.smin_ > 1) return Word::signed_range(a.bits_, a.smin_ / b.smin_, a.smax_ / b.smin_);
    return Word::unknown(a.bits_);
  }));
}

}  // namespace
}  // namespace tenon::words
