// SPDX-License-Identifier: Apache-2.0
// What is assumed of products and quotients of bit vectors where they are opaque (symbolic.hpp). word_test.cpp proves each of the integers that the
// bit vectors stand for, which is of any width, and as it is written here, with the circuits, of few bits.
#pragma once

#include "symbolic.hpp"

namespace tenon::symbolic {

inline z3::expr zero_like(const z3::expr& x) { return Explorer::context().bv_val(0, x.get_sort().bv_size()); }
inline z3::expr one_like(const z3::expr& x) { return Explorer::context().bv_val(1, x.get_sort().bv_size()); }
inline z3::expr wide_product(const z3::expr& x, const z3::expr& y) {
  return product(z3::zext(x, x.get_sort().bv_size()), z3::zext(y, y.get_sort().bv_size()));
}
inline z3::expr wide_signed_product(const z3::expr& x, const z3::expr& y) {
  return product(z3::sext(x, x.get_sort().bv_size()), z3::sext(y, y.get_sort().bv_size()));
}

/// Of smaller factors, a smaller product.
inline z3::expr product_grows(const z3::expr& x, const z3::expr& y, const z3::expr& more_x, const z3::expr& more_y) {
  return z3::implies(z3::ule(x, more_x) && z3::ule(y, more_y), z3::ule(wide_product(x, y), wide_product(more_x, more_y)));
}

/// A product whose first factor lies between two numbers lies between theirs. `flipped`: the second factor.
inline z3::expr product_between(const z3::expr& lo, const z3::expr& x, const z3::expr& hi, const z3::expr& y, bool flipped) {
  const auto times_y = [&](const z3::expr& v) { return flipped ? wide_signed_product(y, v) : wide_signed_product(v, y); };
  const z3::expr least = times_y(lo), middle = times_y(x), most = times_y(hi);
  return z3::implies(lo <= x && x <= hi, (least <= middle && middle <= most) || (most <= middle && middle <= least));
}

/// A product is the low half of the wide product, signed or not.
inline z3::expr product_wraps(const z3::expr& x, const z3::expr& y) {
  const unsigned bits = x.get_sort().bv_size();
  return product(x, y) == wide_product(x, y).extract(bits - 1, 0) && product(x, y) == wide_signed_product(x, y).extract(bits - 1, 0);
}

/// The low half of a product is that of the low halves' product.
inline z3::expr product_of_low_halves(const z3::expr& x, const z3::expr& y) {
  const unsigned half = x.get_sort().bv_size() / 2;
  const auto low = [&](const z3::expr& v) { return z3::zext(v.extract(half - 1, 0), half); };
  return product(x, y).extract(half - 1, 0) == product(low(x), low(y)).extract(half - 1, 0);
}

/// Long multiplication: the lowest bit of the first factor, then the others.
inline z3::expr product_by_bits(const z3::expr& x, const z3::expr& y) {
  const z3::expr one = one_like(x), lowest = z3::ite((x & one) == one, y, zero_like(y));
  return product(x, y) == lowest + product(z3::lshr(x, one), z3::shl(y, one)) && z3::implies(x == zero_like(x), product(x, y) == zero_like(x));
}

/// Of a larger number by a smaller one, a larger quotient; and none is larger than the number.
inline z3::expr quotient_grows(const z3::expr& x, const z3::expr& y, const z3::expr& more_x, const z3::expr& less_y) {
  const z3::expr zero = zero_like(x);
  return z3::implies(z3::ule(x, more_x) && z3::ule(less_y, y) && less_y != zero, z3::ule(quotient(x, y), quotient(more_x, less_y))) &&
         z3::implies(y != zero, z3::ule(quotient(x, y), x));
}

inline z3::expr remainder_is_less(const z3::expr& x, const z3::expr& y) {
  const z3::expr rest = remainder(x, y);
  return z3::implies(y != zero_like(y), z3::ult(rest, y) && z3::ule(rest, x) && z3::implies(z3::ult(x, y), rest == x));
}

/// Where neither is negative, the signed operations are the unsigned ones.
inline z3::expr quotient_of_positives(const z3::expr& x, const z3::expr& y) {
  return z3::implies(x >= zero_like(x) && y > zero_like(y), signed_quotient(x, y) == quotient(x, y) && signed_remainder(x, y) == remainder(x, y));
}

/// By a positive number: of a larger one, a larger quotient; and none is farther from zero than the number.
inline z3::expr signed_quotient_grows(const z3::expr& x, const z3::expr& more_x, const z3::expr& y) {
  const z3::expr zero = zero_like(x), part = signed_quotient(x, y);
  return z3::implies(y > zero, z3::implies(x <= more_x, part <= signed_quotient(more_x, y)) && z3::implies(x >= zero, part >= zero && part <= x) &&
                                   z3::implies(x <= zero, part <= zero && part >= x));
}

/// By a positive number: the rest is smaller, and has the sign of what was divided.
inline z3::expr signed_remainder_is_less(const z3::expr& x, const z3::expr& y) {
  const z3::expr zero = zero_like(x), rest = signed_remainder(x, y);
  return z3::implies(y > zero, rest < y && rest > -y && z3::implies(x >= zero, rest >= zero) && z3::implies(x <= zero, rest <= zero));
}

}  // namespace tenon::symbolic
