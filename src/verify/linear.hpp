// SPDX-License-Identifier: Apache-2.0
// The relational domain: linear forms over symbols, and linear facts about them.
//
// A symbol stands for one integer of one moment of the run (a loaded value, the size of a host buffer, the number of times a loop was entered again).
// It never changes, so assignments need no update of facts. A register holds `form mod 2^64`; a fact `form >= 0` speaks about the integers
// themselves, so it may only be added after a proof that no wrap lies between the two (State::assume_compare).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tenon::verify {

using Integer = __int128;
using Symbol = std::uint32_t;

/// constant + sum of coefficient * symbol; at most kMaxTerms symbols, sorted. Operations that would need more terms or larger numbers give nothing.
class Linear {
 public:
  static constexpr std::size_t kMaxTerms = 5;
  struct Term {
    Symbol symbol = 0;
    std::int64_t coefficient = 0;
    bool operator==(const Term&) const = default;
  };

  Linear() = default;
  explicit Linear(std::int64_t constant) : constant_(constant) {}
  static Linear of(Symbol symbol) {
    Linear form;
    form.terms_[0] = {symbol, 1};
    form.count_ = 1;
    return form;
  }

  std::int64_t constant() const { return constant_; }
  std::span<const Term> terms() const { return {terms_.data(), count_}; }
  bool is_constant() const { return count_ == 0; }
  bool mentions(Symbol symbol) const;
  std::int64_t coefficient(Symbol symbol) const;
  bool operator==(const Linear& other) const;

  std::optional<Linear> plus(const Linear& other, std::int64_t factor = 1) const;
  std::optional<Linear> plus(std::int64_t constant) const;
  std::optional<Linear> times(std::int64_t factor) const;
  /// this / divisor when every number divides.
  std::optional<Linear> divided(std::int64_t divisor) const;
  /// Replaces one symbol by a form.
  std::optional<Linear> substitute(Symbol symbol, const Linear& form) const;
  /// For `this >= 0` over integers: divided by the common factor of the coefficients, the constant rounded down.
  Linear tightened() const;

  std::string to_text() const;

 private:
  std::int64_t constant_ = 0;
  std::uint8_t count_ = 0;
  std::array<Term, kMaxTerms> terms_{};
};

struct SymbolRange {
  Symbol symbol;
  Integer lo, hi;  ///< inclusive
};

/// True when `facts` (each >= 0) and the ranges imply goal >= 0 over the integers: the negation is refuted by Fourier-Motzkin elimination. Sound;
/// gives up (false) beyond a fixed number of rows. A symbol without a range is unbounded.
bool implies(std::span<const Linear> facts, std::span<const SymbolRange> ranges, const Linear& goal);

}  // namespace tenon::verify
