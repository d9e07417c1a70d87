// SPDX-License-Identifier: Apache-2.0
// A file of its own because tests/z3/word_test.cpp proves a step of the product first, then the product, then the operations on words that use it.
#include "verify/tnum.hpp"

namespace tenon::verify {

Tnum tnum_mul(Tnum a, Tnum b) {
  TnumProduct product{a, b, {0, 0}};
  while (product.a.value != 0 || product.a.mask != 0) product.step();
  return tnum_add({a.value * b.value, 0}, product.uncertain);
}

}  // namespace tenon::verify
