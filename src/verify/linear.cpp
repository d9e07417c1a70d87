// SPDX-License-Identifier: Apache-2.0
#include "verify/linear.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace tenon::verify {

namespace {

std::optional<std::int64_t> narrow(Integer v) {
  if (v < INT64_MIN || v > INT64_MAX) return std::nullopt;
  return static_cast<std::int64_t>(v);
}

}  // namespace

bool Linear::mentions(Symbol symbol) const { return coefficient(symbol) != 0; }

std::int64_t Linear::coefficient(Symbol symbol) const {
  for (const Term& term : terms()) {
    if (term.symbol == symbol) return term.coefficient;
  }
  return 0;
}

bool Linear::operator==(const Linear& other) const { return constant_ == other.constant_ && std::ranges::equal(terms(), other.terms()); }

std::optional<Linear> Linear::plus(const Linear& other, std::int64_t factor) const {
  Linear sum;
  const auto constant = narrow(Integer{constant_} + Integer{other.constant_} * factor);
  if (!constant) return std::nullopt;
  sum.constant_ = *constant;
  std::size_t i = 0, j = 0;
  while (i < count_ || j < other.count_) {
    Term term;
    Integer coefficient = 0;
    if (j == other.count_ || (i < count_ && terms_[i].symbol < other.terms_[j].symbol)) {
      term.symbol = terms_[i].symbol;
      coefficient = terms_[i++].coefficient;
    } else if (i == count_ || other.terms_[j].symbol < terms_[i].symbol) {
      term.symbol = other.terms_[j].symbol;
      coefficient = Integer{other.terms_[j++].coefficient} * factor;
    } else {
      term.symbol = terms_[i].symbol;
      coefficient = Integer{terms_[i++].coefficient} + Integer{other.terms_[j++].coefficient} * factor;
    }
    if (coefficient == 0) continue;
    const auto fits = narrow(coefficient);
    if (!fits || sum.count_ == kMaxTerms) return std::nullopt;
    term.coefficient = *fits;
    sum.terms_[sum.count_++] = term;
  }
  return sum;
}

std::optional<Linear> Linear::plus(std::int64_t constant) const { return plus(Linear(constant)); }

std::optional<Linear> Linear::times(std::int64_t factor) const { return Linear().plus(*this, factor); }

std::optional<Linear> Linear::divided(std::int64_t divisor) const {
  Linear result = *this;
  if (constant_ % divisor != 0) return std::nullopt;
  result.constant_ /= divisor;
  for (std::size_t i = 0; i < count_; ++i) {
    if (terms_[i].coefficient % divisor != 0) return std::nullopt;
    result.terms_[i].coefficient /= divisor;
  }
  return result;
}

std::optional<Linear> Linear::substitute(Symbol symbol, const Linear& form) const {
  const std::int64_t factor = coefficient(symbol);
  if (factor == 0) return *this;
  const auto without = plus(of(symbol), -factor);
  if (!without) return std::nullopt;
  return without->plus(form, factor);
}

Linear Linear::tightened() const {
  std::int64_t divisor = 0;
  for (const Term& term : terms()) divisor = std::gcd(divisor, term.coefficient);
  if (divisor <= 1) return *this;
  Linear result = *this;
  for (std::size_t i = 0; i < count_; ++i) result.terms_[i].coefficient /= divisor;
  result.constant_ = constant_ / divisor - (constant_ % divisor < 0 ? 1 : 0);
  return result;
}

std::string Linear::to_text() const {
  std::string text;
  for (const Term& term : terms()) {
    text += fmt::format("{}{}*s{}", text.empty() ? "" : " + ", term.coefficient, term.symbol);
  }
  if (constant_ != 0 || text.empty()) text += fmt::format("{}{}", text.empty() ? "" : " + ", constant_);
  return text;
}

// --------------------------------------------------------------------------------------------------- Fourier-Motzkin elimination

namespace {

constexpr std::size_t kMaxRows = 160;
constexpr std::size_t kMaxSymbols = 24;
static_assert(kMaxSymbols >= Linear::kMaxTerms, "a goal has to fit");
constexpr Integer kMaxCoefficient = Integer{1} << 60;

/// sum coefficients[i] * symbols[i] + constant >= 0
struct Row {
  std::array<Integer, kMaxSymbols> coefficients{};
  Integer constant = 0;
  std::uint64_t key = 0;  ///< of the coefficients
};

Integer magnitude(Integer v) { return v < 0 ? -v : v; }

Integer gcd(Integer a, Integer b) {
  a = magnitude(a);
  b = magnitude(b);
  while (b != 0) {
    const Integer rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

Integer floor_div(Integer a, Integer b) { return a / b - ((a % b != 0 && a < 0) ? 1 : 0); }  // b > 0

/// Divides by the common factor and rounds the constant down: all solutions are integers.
void tighten(Row& row) {
  Integer divisor = 0;
  for (const Integer c : row.coefficients) {
    if (c != 0) divisor = gcd(divisor, c);
  }
  if (divisor <= 1) return;
  for (Integer& c : row.coefficients) c /= divisor;
  row.constant = floor_div(row.constant, divisor);
}

class System {
 public:
  System(std::span<const Linear> facts, std::span<const SymbolRange> ranges) : facts_(facts), ranges_(ranges) {}

  bool refutes(const Linear& form) {
    add_symbols(form);
    add_relevant_facts();
    rows_.reserve(rows_.size() + 1 + 2 * symbols_.size());
    rows_.push_back(to_row(form));
    for (const Symbol s : symbols_) add_range(s);
    return eliminate();
  }

 private:
  std::size_t column(Symbol symbol) const { return static_cast<std::size_t>(std::find(symbols_.begin(), symbols_.end(), symbol) - symbols_.begin()); }

  void add_symbols(const Linear& form) {
    for (const auto& term : form.terms()) {
      if (column(term.symbol) == symbols_.size()) symbols_.push_back(term.symbol);
    }
  }

  /// Facts that share a symbol with the goal, directly or through other facts: the nearest first, as many as there are columns.
  void add_relevant_facts() {
    std::vector<bool> used(facts_.size());
    for (bool grown = true; grown;) {
      grown = false;
      const std::size_t known = symbols_.size();
      for (std::size_t i = 0; i < facts_.size(); ++i) {
        const auto terms = facts_[i].terms();
        const auto fresh = static_cast<std::size_t>(std::ranges::count_if(terms, [&](const auto& t) { return column(t.symbol) == symbols_.size(); }));
        const bool near = std::ranges::any_of(terms, [&](const auto& t) { return column(t.symbol) < known; });
        if (used[i] || !near || symbols_.size() + fresh > kMaxSymbols) continue;
        used[i] = grown = true;
        add_symbols(facts_[i]);
      }
    }
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      if (used[i]) rows_.push_back(to_row(facts_[i]));
    }
  }

  Row to_row(const Linear& form) const {
    Row row;
    row.constant = form.constant();
    for (const auto& term : form.terms()) row.coefficients[column(term.symbol)] = term.coefficient;
    tighten(row);
    return row;
  }

  void add_range(Symbol symbol) {
    const auto it = std::ranges::find(ranges_, symbol, &SymbolRange::symbol);
    if (it == ranges_.end()) return;
    Row low, high;
    low.coefficients[column(symbol)] = 1;
    low.constant = -it->lo;
    high.coefficients[column(symbol)] = -1;
    high.constant = it->hi;
    rows_.push_back(low);
    rows_.push_back(high);
  }

  static bool is_contradiction(const Row& row) {
    return row.constant < 0 && std::ranges::all_of(row.coefficients, [](Integer c) { return c == 0; });
  }

  bool eliminate() {
    std::vector<bool> done(symbols_.size());
    for (std::size_t round = 0; round < symbols_.size(); ++round) {
      if (std::ranges::any_of(rows_, is_contradiction)) return true;
      const std::size_t victim = cheapest(done);
      done[victim] = true;
      eliminate_column(victim);
    }
    return std::ranges::any_of(rows_, is_contradiction);
  }

  /// A symbol whose lower or upper bounds all have coefficient 1 is eliminated without loss over the integers: such ones first, unless they make many
  /// rows.
  std::size_t cheapest(const std::vector<bool>& done) const {
    constexpr std::size_t kLossy = 64;
    std::size_t best = 0, best_cost = SIZE_MAX;
    for (std::size_t c = 0; c < symbols_.size(); ++c) {
      if (done[c]) continue;
      std::size_t positive = 0, negative = 0;
      bool unit_below = true, unit_above = true;
      for (const Row& row : rows_) {
        positive += row.coefficients[c] > 0;
        negative += row.coefficients[c] < 0;
        unit_below &= row.coefficients[c] <= 1;
        unit_above &= row.coefficients[c] >= -1;
      }
      const std::size_t cost = positive * negative + (unit_below || unit_above ? 0 : kLossy);
      if (cost < best_cost) {
        best_cost = cost;
        best = c;
      }
    }
    return best;
  }

  /// Of parallel rows the strongest; of too many the first ones.
  void add(std::vector<Row>& rows, const Row& row) const {
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < symbols_.size(); ++i) key = key * 0x9e3779b97f4a7c15 + static_cast<std::uint64_t>(row.coefficients[i]);
    for (Row& known : rows) {
      if (known.key != key || known.coefficients != row.coefficients) continue;
      known.constant = std::min(known.constant, row.constant);
      return;
    }
    if (rows.size() == kMaxRows) return;
    rows.push_back(row);
    rows.back().key = key;
  }

  void eliminate_column(std::size_t c) {
    std::vector<Row> next;
    next.reserve(rows_.size());
    for (const Row& row : rows_) {
      if (row.coefficients[c] == 0) add(next, row);
    }
    for (const Row& low : rows_) {
      if (low.coefficients[c] <= 0) continue;
      for (const Row& high : rows_) {
        if (high.coefficients[c] >= 0) continue;
        Row combined;
        if (!combine(low, high, c, combined)) continue;  // too large for exact arithmetic: one consequence fewer
        add(next, combined);
      }
    }
    rows_ = std::move(next);
  }

  bool combine(const Row& low, const Row& high, std::size_t c, Row& out) const {
    const Integer common = gcd(low.coefficients[c], high.coefficients[c]);
    const Integer by_low = -high.coefficients[c] / common, by_high = low.coefficients[c] / common;
    const auto small = [](Integer v) { return magnitude(v) < kMaxCoefficient; };
    if (!small(by_low) || !small(by_high)) return false;
    for (std::size_t i = 0; i < symbols_.size(); ++i) {
      if (!small(low.coefficients[i]) || !small(high.coefficients[i])) return false;
      out.coefficients[i] = low.coefficients[i] * by_low + high.coefficients[i] * by_high;
    }
    constexpr Integer kMaxConstant = Integer{1} << 100;
    const auto product_fits = [](Integer a, Integer b) { return a == 0 || magnitude(b) <= kMaxConstant / magnitude(a); };
    if (!product_fits(low.constant, by_low) || !product_fits(high.constant, by_high)) return false;
    out.constant = low.constant * by_low + high.constant * by_high;
    tighten(out);
    return true;
  }

  std::span<const Linear> facts_;
  std::span<const SymbolRange> ranges_;
  std::vector<Symbol> symbols_;
  std::vector<Row> rows_;
};

}  // namespace

bool implies(std::span<const Linear> facts, std::span<const SymbolRange> ranges, const Linear& goal) {
  if (goal.is_constant()) return goal.constant() >= 0;
  Integer least = goal.constant();
  bool bounded = true;
  for (const auto& term : goal.terms()) {
    const auto it = std::ranges::find(ranges, term.symbol, &SymbolRange::symbol);
    if (it == ranges.end() || magnitude(term.coefficient) > (Integer{1} << 56)) {  // the product must stay exact
      bounded = false;
      break;
    }
    least += Integer{term.coefficient} * (term.coefficient > 0 ? it->lo : it->hi);
  }
  if (bounded && least >= 0) return true;
  const auto negation = Linear(-1).plus(goal, -1);  // goal <= -1
  return negation && System(facts, ranges).refutes(*negation);
}

}  // namespace tenon::verify
