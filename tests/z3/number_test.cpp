// SPDX-License-Identifier: Apache-2.0
// The operations on numbers, at 64 bits with a low half of 32. Here number.cpp runs on words of which it knows only what word_test.cpp proves: each
// operation of a word returns any word whatever that holds what it has to hold. So only what number.cpp itself does is examined, on few paths.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "lemmas.hpp"
#include "symbolic_word.hpp"

#define private public
#define verify words
#include "verify/number.cpp"
#define reconcile() proved_reconcile()
#include "verify/number_sync.cpp"
#undef reconcile
#undef verify
#undef private

namespace tenon::words {
namespace {

constexpr unsigned kTimeoutMs = 60'000;

/// The words that were made, and the numbers that each is known to hold where it is not empty. That an operation keeps every number is only said of
/// these; of too few a proof fails.
struct Followed {
  std::vector<U64> roots;                                    // the numbers that a proof is about
  std::map<unsigned, std::pair<Word, std::vector<U64>>> of;  // by what `umin_` is: each word has its own
  int made = 0;
};
Followed followed;

const std::vector<U64>& known_in(const Word& w) {
  static const std::vector<U64> none;
  const auto found = followed.of.find(Z3_get_ast_id(Explorer::context(), w.umin_.term()));
  return found == followed.of.end() ? none : found->second.second;
}

void follow(const Word& w, std::vector<U64> numbers) {
  followed.of.insert_or_assign(Z3_get_ast_id(Explorer::context(), w.umin_.term()), std::pair{w, std::move(numbers)});
}

bool lies_in(const Word& w, const U64& x) {
  if (w.empty_) return false;
  const std::vector<U64>& known = known_in(w);
  const auto is_one = [&](auto&& same) { return std::any_of(known.begin(), known.end(), [&](const U64& k) { return same(k.term(), x.term()); }); };
  return is_one([](const z3::expr& k, const z3::expr& v) { return z3::eq(k, v); }) ||
         is_one([](const z3::expr& k, const z3::expr& v) { return Explorer::current().implied(k == v); }) ||
         Explorer::current().implied(all_of(in(w, x)));
}

/// Any word that holds these; any at all, also an empty one, if it need not hold any.
Word made_word(unsigned bits, const std::vector<U64>& kept) {
  const std::string name = "made" + std::to_string(++followed.made);
  Word w = some_word(name, bits);
  Explorer& explorer = Explorer::current();
  explorer.learn(all_of(well_formed(w)));
  std::vector<U64> known;
  for (const U64& each : kept) {
    const U64 x(each.term().simplify());
    if (std::any_of(known.begin(), known.end(), [&](const U64& k) { return z3::eq(k.term(), x.term()); })) continue;
    explorer.learn(all_of(in(w, each)));
    if (!z3::eq(x.term(), each.term())) explorer.learn(all_of(in(w, x)));
    known.push_back(x);
  }
  follow(w, known);
  w.empty_ = known.empty() && explorer.decide(Explorer::context().bool_const((name + ".empty").c_str()));
  return w;
}

/// A word made of one.
template <class F>
Word made_from(const Word& a, unsigned bits, F&& image) {
  std::vector<U64> kept;
  if (!a.empty_) {
    for (const U64& x : known_in(a)) kept.push_back(image(x));
  }
  return made_word(bits, kept);
}

/// A word that holds the numbers of which `when` is implied.
template <class F>
Word made_where(unsigned bits, F&& when) {
  std::vector<U64> kept;
  for (const U64& root : followed.roots) {
    const U64 x = root & all_ones(bits);
    if (Explorer::current().implied(when(x))) kept.push_back(x);
  }
  return made_word(bits, kept);
}

bool is_root(const U64& x) {
  return std::any_of(followed.roots.begin(), followed.roots.end(), [&](const U64& root) {
    return z3::eq(root.term().simplify(), x.term().simplify()) || z3::eq(low_of(root).term().simplify(), x.term().simplify());
  });
}

/// A word made of two, that holds what either holds or what both hold.
Word made_of_both(const Word& a, const Word& b, bool either) {
  std::vector<U64> kept;
  for (const Word* const word : {&a, &b}) {
    if (word->empty_) continue;
    for (const U64& x : known_in(*word)) {
      if (is_root(x) && (either || (lies_in(a, x) && lies_in(b, x)))) kept.push_back(x);
    }
  }
  return made_word(a.bits_, kept);
}

Number any_number(const std::string& name, const U64& x) {
  Number n;
  n.whole_ = any_word(name, 64);
  n.low_ = any_word(name + ".low", 32);
  follow(n.whole_, {x});
  follow(n.low_, {low_of(x)});
  return n;
}

}  // namespace

// What is proved of words. Each assumption is a test in word_test.cpp: Ranges, Arithmetic, ProductsAndQuotients, Negation, JoinAndMeet, Widening,
// Conversions and Comparisons.

Word Word::unknown(unsigned bits) {
  return made_where(bits, [](const U64&) { return Explorer::context().bool_val(true); });
}
Word Word::constant(unsigned bits, U64 value) { return made_word(bits, {value & all_ones(bits)}); }
Word Word::unsigned_range(unsigned bits, U64 lo, U64 hi) {
  return made_where(bits, [&](const U64& x) { return (x >= lo).term && (x <= hi).term; });
}
Word Word::signed_range(unsigned bits, S64 lo, S64 hi) {
  return made_where(bits, [&](const U64& x) { return (signed_value(x, bits) >= lo).term && (signed_value(x, bits) <= hi).term; });
}
bool Word::includes(const Word& other) const {
  const bool included = Explorer::current().decide(Explorer::context().bool_const(("included" + std::to_string(++followed.made)).c_str()));
  if (included && !other.empty_) {
    for (const U64& x : known_in(other)) Explorer::current().learn(all_of(in(*this, x)));
  }
  return included;
}

Word alu(AluOp op, const Word& a, const Word& b) {
  std::vector<U64> kept;
  if (!a.empty_ && !b.empty_) {
    for (const U64& x : known_in(a)) {
      for (const U64& y : known_in(b)) kept.push_back(isa::alu(op, a.bits_ == 64, x, y));
    }
  }
  return made_word(a.bits_, kept);
}
Word join(const Word& a, const Word& b) { return made_of_both(a, b, true); }
Word meet(const Word& a, const Word& b) { return made_of_both(a, b, false); }
Word widen(const Word& old, const Word& now, std::span<const U64>) { return made_of_both(old, now, true); }

void assume(CmpOp op, Word& a, Word& b) {
  std::vector<U64> left, right;
  if (!a.empty_ && !b.empty_) {
    for (const U64& x : known_in(a)) {
      for (const U64& y : known_in(b)) {
        if (!Explorer::current().implied(compare(op, a.bits_, x, y))) continue;
        left.push_back(x);
        right.push_back(y);
      }
    }
  }
  a = made_word(a.bits_, left);
  b = made_word(b.bits_, right);
}

Word Word::truncated(unsigned bits) const {
  return made_from(*this, bits, [&](const U64& x) { return x & all_ones(bits); });
}
Word Word::zero_extended(unsigned bits) const {
  return made_from(*this, bits, [](const U64& x) { return x; });
}
Word Word::sign_extended(unsigned bits) const {
  return made_from(*this, bits, [&](const U64& x) { return U64(signed_value(x, bits_)) & all_ones(bits); });
}

/// For the operations; Numbers.ReconcilingKeepsEveryNumber proves it.
void Number::reconcile() {
  std::vector<U64> kept, kept_low;
  for (const U64& root : followed.roots) {
    if (!lies_in(whole_, root) || !lies_in(low_, low_of(root))) continue;
    kept.push_back(root);
    kept_low.push_back(low_of(root));
  }
  whole_ = made_word(64, kept);
  low_ = made_word(32, kept_low);
}

namespace {

class Wide : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Z3, Wide, ::testing::Bool(), [](const auto& info) { return info.param ? "64" : "32"; });

/// Two numbers, each with one that may lie in it.
struct Pair {
  Explorer explorer{kTimeoutMs};
  U64 x = symbolic::variable("x"), y = symbolic::variable("y");
  Number a, b;
  Pair() : a((followed = {}, any_number("a", x))), b(any_number("b", y)) { followed.roots = {x, y}; }

  /// `body` returns what has to hold, of these, where x is in `a` and y in `b`.
  template <class F>
  std::string prove(const std::vector<U64>& roots, F&& body) {
    followed.roots = roots;
    assume_all(in(a, x) + in(b, y));
    return explorer.prove(body);
  }
};

using NumberOp = std::function<Number(const Number&, const Number&)>;

std::string refute(AluOp op, bool is64, const NumberOp& abstract) {
  const symbolic::Opaque opaque;
  Pair pair;
  pair.explorer.assume(symbolic::product_of_low_halves(pair.x.term(), pair.y.term()));
  const U64 result = isa::alu(op, is64, pair.x, pair.y);
  return pair.prove({result}, [&] { return holds(abstract(pair.a, pair.b), result); });
}

std::string refute(CmpOp op, bool is64, const std::function<void(Number&, Number&)>& abstract) {
  Pair pair;
  pair.explorer.assume(compare(op, is64 ? 64 : 32, pair.x, pair.y));
  return pair.prove({pair.x, pair.y}, [&] {
    Number left = pair.a, right = pair.b;
    abstract(left, right);
    return holds(left, pair.x) + holds(right, pair.y);
  });
}

/// `image` of a member of a number is in what `abstract` makes of it.
std::string refute(const std::function<U64(const U64&)>& image, const std::function<Number(const Number&)>& abstract) {
  Pair pair;
  const U64 result = image(pair.x);
  return pair.prove({result}, [&] { return holds(abstract(pair.a), result); });
}

TEST_P(Wide, Arithmetic) {
  for (const AluOp op : kAll) {
    EXPECT_EQ(refute(op, GetParam(), [&](const Number& a, const Number& b) { return alu(op, GetParam(), a, b); }), "") << static_cast<int>(op);
  }
}

TEST_P(Wide, Comparisons) {
  for (const CmpOp op : kComparisons) {
    EXPECT_EQ(refute(op, GetParam(), [&](Number& a, Number& b) { assume(op, GetParam(), a, b); }), "") << static_cast<int>(op);
  }
}

TEST_P(Wide, Conversions) {
  for (const unsigned from : {8u, 16u, 32u}) {
    const auto zeroed = [&](const U64& x) { return x & all_ones(from); };
    const auto extended = [&](const U64& x) { return U64(signed_value(x & all_ones(from), from)) & all_ones(GetParam() ? 64 : 32); };
    EXPECT_EQ(refute(zeroed, [&](const Number& a) { return a.zero_extended(from); }), "") << from;
    EXPECT_EQ(refute(extended, [&](const Number& a) { return a.sign_extended(from, GetParam()); }), "") << from;
  }
  EXPECT_EQ(refute([&](const U64& x) { return isa::alu(AluOp::sub, GetParam(), U64(0), x); }, [&](const Number& a) { return a.negated(GetParam()); }),
            "");
}

TEST(Numbers, ReconcilingKeepsEveryNumber) {
  EXPECT_EQ(refute([](const U64& x) { return x; },
                   [](const Number& a) {
                     Number reconciled = a;
                     reconciled.proved_reconcile();
                     return reconciled;
                   }),
            "");
}

TEST(Numbers, AreMadeOfWordsAndConstants) {
  const auto itself = [](const U64& x) { return x; };
  EXPECT_EQ(refute(itself, [](const Number& a) { return Number(a.whole_); }), "");
  EXPECT_EQ(refute(itself, [](const Number&) { return Number(); }), "");
  EXPECT_EQ(refute(itself, [](const Number&) { return Number::constant(symbolic::variable("x")); }), "");
  const U64 lo = symbolic::variable("lo"), hi = symbolic::variable("hi");
  const auto within = [&](const z3::expr& range, const std::function<Number()>& make) {
    Pair pair;
    pair.explorer.assume(range);
    return pair.prove({pair.x}, [&] { return holds(make(), pair.x); });
  };
  const U64 x = symbolic::variable("x");
  EXPECT_EQ(within((x >= lo).term && (x <= hi).term, [&] { return Number::unsigned_range(lo, hi); }), "");
  EXPECT_EQ(within((S64(x) >= S64(lo)).term && (S64(x) <= S64(hi)).term, [&] { return Number::signed_range(S64(lo), S64(hi)); }), "");
  Pair pair;
  EXPECT_EQ(pair.prove({pair.x},
                       [&]() -> Claims {
                         if (!pair.a.is_constant()) return {};
                         return {(pair.a.constant_value() == pair.x).term};
                       }),
            "");
}

/// Any number, also one of whose halves nothing is left.
Number any_or_none(const Number& n) {
  Number some = n;
  some.whole_.empty_ = Explorer::current().decide(Explorer::context().bool_const("none"));
  some.low_.empty_ = Explorer::current().decide(Explorer::context().bool_const("none.low"));
  return some;
}

TEST(Numbers, JoinMeetAndInclusion) {
  const auto refuted = [](const NumberOp& abstract) {
    Pair pair;
    const Number b = any_number("c", pair.y);
    return pair.prove({pair.x}, [&] { return holds(abstract(pair.a, any_or_none(b)), pair.x); });
  };
  EXPECT_EQ(refuted([](const Number& a, const Number& b) { return join(a, b); }), "");
  EXPECT_EQ(refuted([](const Number& a, const Number& b) { return join(b, a); }), "");
  EXPECT_EQ(refuted([](const Number& a, const Number& b) { return widen(a, b, {}); }), "");
  EXPECT_EQ(refuted([](const Number& a, const Number& b) { return widen(b, a, {}); }), "");
  EXPECT_TRUE(Explorer::is_counterexample(refuted([](const Number& a, const Number& b) { return meet(a, b); })));

  Pair both;
  both.explorer.assume(both.x.term() == both.y.term());
  EXPECT_EQ(both.prove({both.x}, [&] { return holds(meet(both.a, both.b), both.x); }), "");

  Pair pair;
  const Number b = any_number("c", pair.x);
  EXPECT_EQ(pair.prove({pair.x},
                       [&]() -> Claims {
                         const Number larger = any_or_none(b);
                         if (!larger.includes(pair.a)) return {};
                         return in(larger, pair.x);
                       }),
            "");
}

// What the proofs would say of operations that are almost right.
TEST_P(Wide, WrongOnesAreRefuted) {
  const bool is64 = GetParam();
  const auto join_of_halves = [](AluOp op, const Number& a, const Number& b) { return Number(alu(op, a.whole_, b.whole_), alu(op, a.low_, b.low_)); };
  for (const AluOp op : {AluOp::rsh, AluOp::udiv}) {  // what is shifted in, and what is carried
    EXPECT_TRUE(Explorer::is_counterexample(refute(op, is64, [&](const Number& a, const Number& b) { return join_of_halves(op, a, b); })))
        << static_cast<int>(op);
  }
  EXPECT_TRUE(Explorer::is_counterexample(refute(AluOp::add, is64, [&](const Number& a, const Number& b) {
    const Word low = alu(AluOp::add, a.low_, b.low_);
    return Number((is64 ? low : alu(AluOp::add, a.low_, b.low_)).sign_extended(64), low);
  })));
  EXPECT_TRUE(Explorer::is_counterexample(refute(CmpOp::ult, is64, [&](Number& a, Number& b) {
    if (is64) {
      assume(CmpOp::ult, a.low_, b.low_);
    } else {
      assume(CmpOp::ult, a.whole_, b.whole_);
    }
  })));
  EXPECT_TRUE(Explorer::is_counterexample(
      refute(CmpOp::eq, is64, [&](Number& a, Number& b) { a.whole_ = b.whole_ = meet(a.whole_, is64 ? b.low_.zero_extended(64) : b.whole_); })));
  EXPECT_TRUE(Explorer::is_counterexample(
      refute([&](const U64& x) { return x & all_ones(16); }, [&](const Number& a) { return a.sign_extended(16, is64); })));
  EXPECT_TRUE(Explorer::is_counterexample(refute([](const U64& x) { return x; },
                                                 [](const Number& a) {  // the range of the low half, whatever is above it
                                                   return Number(meet(a.whole_, Word::unsigned_range(64, a.low_.umin(), a.low_.umax())));
                                                 })));
  EXPECT_TRUE(Explorer::is_counterexample(refute([](const U64& x) { return x; }, [](const Number& a) { return Number(a.low_.zero_extended(64)); })));
}

}  // namespace
}  // namespace tenon::words
