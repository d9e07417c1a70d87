// SPDX-License-Identifier: Apache-2.0
// What a register and its low half know of each other. A file of its own because every operation ends here: tests/z3/number_test.cpp proves that it
// keeps every number, then proves the operations with no more known of it.
#include "verify/word.hpp"

namespace tenon::verify {

using isa::AluOp;

/// Tells each of the two what the other knows.
void Number::reconcile() {
  if (whole_.empty() || low_.empty()) return;
  low_ = meet(low_, whole_.truncated(32));
  if (low_.empty()) return;
  // The low half sharpens the whole through its known bits, and through its range when the upper half is known.
  const Tnum upper{whole_.tnum().value & ~0xffffffffull, whole_.tnum().mask & ~0xffffffffull};
  if (upper.mask == 0) {
    whole_ = meet(whole_, Word::unsigned_range(64, upper.value | low_.umin(), upper.value | low_.umax()));
  }
  if (!whole_.empty() && (whole_.tnum().mask & 0xffffffffull & ~low_.tnum().mask) != 0) {
    // x - (x & ~known) keeps the range; only bits become known
    Word bits = Word::unknown(64);
    Word low_bits =
        alu(AluOp::bit_or, Word::constant(64, low_.tnum().value), alu(AluOp::bit_and, bits, Word::constant(64, low_.tnum().mask | ~0xffffffffull)));
    whole_ = meet(whole_, low_bits);
  }
}

}  // namespace tenon::verify
