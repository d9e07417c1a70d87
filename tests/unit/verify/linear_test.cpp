// SPDX-License-Identifier: Apache-2.0
// The relational domain against brute force over small boxes of integers.
#include "verify/linear.hpp"

#include <gtest/gtest.h>

#include <random>

namespace tenon::verify {
namespace {

using Point = std::vector<std::int64_t>;  // by symbol

Linear form(std::int64_t constant, std::initializer_list<std::pair<Symbol, std::int64_t>> terms) {
  Linear result(constant);
  for (const auto& [symbol, coefficient] : terms) result = *result.plus(Linear::of(symbol), coefficient);
  return result;
}

std::int64_t value(const Linear& f, const Point& point) {
  std::int64_t sum = f.constant();
  for (const auto& term : f.terms()) sum += term.coefficient * point[term.symbol];
  return sum;
}

TEST(LinearTest, Algebra) {
  std::mt19937_64 random(1);
  const auto number = [&] { return static_cast<std::int64_t>(random() % 21) - 10; };
  for (int run = 0; run < 20'000; ++run) {
    Linear a(number()), b(number());
    Point point(4);
    for (Symbol s = 0; s < 4; ++s) {
      point[s] = number();
      a = *a.plus(Linear::of(s), number());
      b = *b.plus(Linear::of(s), number());
    }
    const std::int64_t factor = number();
    ASSERT_EQ(value(*a.plus(b, factor), point), value(a, point) + factor * value(b, point));
    ASSERT_EQ(value(*a.times(factor), point), factor * value(a, point));
    if (factor > 0) {
      if (const auto divided = a.divided(factor)) ASSERT_EQ(factor * value(*divided, point), value(a, point));
    }
    Point moved = point;
    moved[2] = value(b, point);
    ASSERT_EQ(value(*a.substitute(2, b), point), value(a, moved));
    ASSERT_EQ(value(a.tightened(), point) >= 0, value(a, point) >= 0) << a.to_text();
    ASSERT_EQ(*a.plus(b)->plus(b, -1), a);
  }
}

TEST(LinearTest, GivesUpRatherThanWrap) {
  EXPECT_FALSE(Linear(INT64_MAX).plus(1));
  EXPECT_FALSE(Linear(INT64_MIN).plus(Linear(1), -1));
  EXPECT_FALSE(Linear::of(1).times(INT64_MAX)->plus(Linear::of(1)));
  EXPECT_TRUE(Linear::of(1).times(INT64_MIN));
  Linear full(0);
  for (Symbol s = 0; s < Linear::kMaxTerms; ++s) full = *full.plus(Linear::of(s));
  EXPECT_FALSE(full.plus(Linear::of(99)));
  EXPECT_FALSE(form(6, {{1, 4}}).divided(4));
}

TEST(LinearTest, ImpliesAgreesWithBruteForce) {
  std::mt19937_64 random(2);
  const auto below = [&](std::uint64_t n) { return static_cast<std::int64_t>(random() % n); };
  int holds = 0, shown = 0;
  for (int run = 0; run < 20'000; ++run) {
    const Symbol symbols = static_cast<Symbol>(1 + below(4));
    std::vector<SymbolRange> ranges;
    for (Symbol s = 0; s < symbols; ++s) {
      const std::int64_t lo = below(7) - 3;
      ranges.push_back({s, lo, lo + below(5)});
    }
    const auto some_form = [&] {
      Linear f(below(13) - 6);
      for (Symbol s = 0; s < symbols; ++s) {
        if (below(2) == 0) f = *f.plus(Linear::of(s), below(7) - 3);
      }
      return f;
    };
    std::vector<Linear> facts;
    for (std::int64_t n = below(5); n > 0; --n) facts.push_back(some_form());
    const Linear goal = some_form();

    bool true_everywhere = true;
    Point point(symbols);
    const auto visit = [&](auto&& self, Symbol s) -> void {
      if (s < symbols) {
        for (Integer v = ranges[s].lo; v <= ranges[s].hi; ++v) {
          point[s] = static_cast<std::int64_t>(v);
          self(self, s + 1);
        }
        return;
      }
      for (const Linear& f : facts) {
        if (value(f, point) < 0) return;
      }
      true_everywhere &= value(goal, point) >= 0;
    };
    visit(visit, 0);
    const bool said = implies(facts, ranges, goal);
    if (said) ASSERT_TRUE(true_everywhere) << goal.to_text();
    holds += true_everywhere;
    shown += said;
  }
  // Contradictions between facts that have nothing to do with the goal, and gaps between integers, are not looked for.
  EXPECT_GT(shown * 100, holds * 75) << shown << " of " << holds << " true implications were shown";
}

TEST(LinearTest, ImpliesAtTheEdgeOfTheNumbers) {
  const Integer most = Integer{UINT64_MAX};
  const std::vector<SymbolRange> ranges{{1, 0, most}, {2, 0, most}, {3, INT64_MIN, INT64_MAX}};
  EXPECT_TRUE(implies({}, ranges, form(0, {{1, 1}})));
  EXPECT_FALSE(implies({}, ranges, form(-1, {{1, 1}})));
  EXPECT_FALSE(implies({}, ranges, form(INT64_MAX, {{1, -1}})));
  EXPECT_TRUE(implies({}, ranges, form(INT64_MAX, {{3, -1}})));
  EXPECT_FALSE(implies({}, ranges, form(INT64_MAX, {{3, 1}})));                 // INT64_MIN + INT64_MAX is -1
  const std::vector<Linear> large{form(0, {{1, INT64_MAX}, {2, -INT64_MAX}})};  // s1 >= s2
  EXPECT_TRUE(implies(large, ranges, form(0, {{1, 1}, {2, -1}})));
  EXPECT_FALSE(implies(large, ranges, form(-1, {{1, 1}, {2, -1}})));
}

TEST(LinearTest, ALongChainOfFactsDoesNotHideAShortOne) {
  std::vector<Linear> chain;
  for (Symbol s = 1; s < 60; ++s) chain.push_back(form(0, {{s, 1}, {s + 1, -1}}));  // s1 >= s2 >= ...
  EXPECT_TRUE(implies(chain, {}, form(0, {{30, 1}, {32, -1}})));
  EXPECT_FALSE(implies(chain, {}, form(0, {{32, 1}, {30, -1}})));
}

TEST(LinearTest, UnknownSymbolsAreUnbounded) {
  EXPECT_FALSE(implies({}, {}, Linear::of(7)));
  const std::vector<Linear> facts{form(-3, {{7, 1}})};
  EXPECT_TRUE(implies(facts, {}, form(-3, {{7, 1}})));
  EXPECT_FALSE(implies(facts, {}, form(-4, {{7, 1}})));
}

/// Facts with large numbers that hold at a point, and a goal that does not hold there: nothing may show it, whatever elimination multiplies.
TEST(LinearTest, LargeNumbersShowNothingFalse) {
  std::mt19937_64 random(1);
  const auto number = [&](unsigned bits) {
    const auto magnitude = static_cast<std::int64_t>(random() >> (64 - (1 + random() % bits)));
    return random() % 2 == 0 ? magnitude : -magnitude;
  };
  int tried = 0;
  for (int run = 0; run < 40'000; ++run) {
    const std::size_t symbols = 2 + random() % 4;
    Point point(symbols);
    std::vector<SymbolRange> ranges;
    for (Symbol s = 0; s < symbols; ++s) {
      point[s] = number(18);
      const bool wide = random() % 3 == 0;
      ranges.push_back(
          {s, wide ? -(Integer{1} << 62) : point[s] - Integer{number(50)} * number(8) % (Integer{1} << 60) - (Integer{1} << 20), Integer{1} << 62});
      ranges.back().lo = std::min(ranges.back().lo, Integer{point[s]});
    }
    const auto make = [&](bool holds) -> std::optional<Linear> {
      Linear f(0);
      for (std::size_t t = 0, terms = 1 + random() % 3; t < terms; ++t) {
        const auto next = f.plus(Linear::of(static_cast<Symbol>(random() % symbols)), number(42));
        if (!next) return std::nullopt;
        f = *next;
      }
      Integer sum = 0;
      for (const auto& term : f.terms()) sum += Integer{term.coefficient} * point[term.symbol];
      const Integer slack = Integer{random() >> (1 + random() % 62)}, constant = holds ? slack - sum : -1 - slack - sum;
      if (f.is_constant() || constant > INT64_MAX || constant < INT64_MIN) return std::nullopt;
      return f.plus(static_cast<std::int64_t>(constant));
    };
    std::vector<Linear> facts;
    for (std::size_t n = 0, most = 1 + random() % 6; n < most; ++n) {
      if (const auto fact = make(true)) facts.push_back(*fact);
    }
    const auto goal = make(false);
    if (!goal) continue;
    ++tried;
    ASSERT_FALSE(implies(facts, ranges, *goal)) << run << ": " << goal->to_text();
  }
  EXPECT_GT(tried, 20'000);
}

}  // namespace
}  // namespace tenon::verify
