// SPDX-License-Identifier: Apache-2.0
// What one of a word's domains knows, told to the others. A file of its own because every operation ends here: tests/z3/word_test.cpp proves that
// sync_once() keeps every number of the set, then proves the operations as they are before it.
#include <algorithm>

#include "base/bits.hpp"
#include "verify/word.hpp"

namespace tenon::verify {

namespace {

/// The tnum of all numbers that share the leading bits which lo and hi have in common.
Tnum tnum_range(std::uint64_t lo, std::uint64_t hi) {
  const std::uint64_t mask = base::fill_right(lo ^ hi);
  return {lo & ~mask, mask};
}

}  // namespace

Tnum intersect(Tnum a, Tnum b) {
  const std::uint64_t mask = a.mask & b.mask;
  return {(a.value | b.value) & ~mask, mask};
}

void Word::sync_once() {
  // tnum -> unsigned
  umin_ = std::max(umin_, tnum_.value);
  umax_ = std::min(umax_, tnum_.value | tnum_.mask);
  // tnum -> signed: the least value sets an unknown sign bit, the greatest clears it
  const std::uint64_t sign = 1ull << (bits_ - 1);
  smin_ = std::max(smin_, as_signed(tnum_.value | (tnum_.mask & sign)));
  smax_ = std::min(smax_, as_signed((tnum_.value | tnum_.mask) & ~(tnum_.mask & sign)));
  if (umin_ > umax_ || smin_ > smax_) return;
  // unsigned -> signed, when the range does not cross the sign boundary
  if ((umin_ & sign) == (umax_ & sign)) {
    smin_ = std::max(smin_, as_signed(umin_));
    smax_ = std::min(smax_, as_signed(umax_));
  }
  if (smin_ > smax_) return;
  // signed -> unsigned, when the range does not cross zero
  if ((smin_ < 0) == (smax_ < 0)) {
    umin_ = std::max(umin_, static_cast<std::uint64_t>(smin_) & ones());
    umax_ = std::min(umax_, static_cast<std::uint64_t>(smax_) & ones());
  }
  if (umin_ > umax_) return;
  // unsigned -> tnum
  Tnum range = tnum_range(umin_, umax_);
  range.mask &= ones();
  if (((range.value ^ tnum_.value) & ~range.mask & ~tnum_.mask) != 0) {
    umin_ = 1;
    umax_ = 0;
    return;
  }
  tnum_ = intersect(tnum_, range);
}

void Word::sync() {
  if (*this == unknown(bits_) || *this == constant(bits_, umin_)) return;  // the most common words
  for (int pass = 0; pass < 3; ++pass) {
    const Word before = *this;
    sync_once();
    if (umin_ > umax_ || smin_ > smax_) return make_empty();
    if (*this == before) return;
  }
}

}  // namespace tenon::verify
