// SPDX-License-Identifier: Apache-2.0
// Known bits.
// Source: Vishwanathan et al., "Sound, Precise, and Fast Abstract Interpretation with Tristate Numbers" (CGO '22).
#pragma once

#include <cstdint>

namespace tenon::verify {

/// Known bits: bit i is known where mask has 0 there, and then equals that of value. value & mask == 0.
struct Tnum {
  std::uint64_t value = 0;
  std::uint64_t mask = 0;
  bool operator==(const Tnum&) const = default;
};

/// What both know. Requires: no bit that both know differs.
Tnum intersect(Tnum a, Tnum b);

inline Tnum tnum_add(Tnum a, Tnum b) {
  const std::uint64_t sum_of_masks = a.mask + b.mask, sum_of_values = a.value + b.value;
  const std::uint64_t mask = ((sum_of_masks + sum_of_values) ^ sum_of_values) | a.mask | b.mask;
  return {sum_of_values & ~mask, mask};
}

/// A product under way. `a` has the bits of one factor that are still to come and `b` is the other, shifted as far. `uncertain` has what members of
/// both have more, so far, than their values have.
struct TnumProduct {
  Tnum a, b, uncertain;

  /// Takes the lowest bit of `a`.
  void step() {
    if (a.value & 1) {
      uncertain = tnum_add(uncertain, {0, b.mask});
    } else if (a.mask & 1) {
      uncertain = tnum_add(uncertain, {0, b.value | b.mask});
    }
    a = {a.value >> 1, a.mask >> 1};
    b = {b.value << 1, b.mask << 1};
  }
};

Tnum tnum_mul(Tnum a, Tnum b);

}  // namespace tenon::verify
