// SPDX-License-Identifier: Apache-2.0
// The verifier's word.cpp, not a model of it, compiled once more with integers that are Z3 terms: in its namespace, `std::uint64_t` and its kin are
// looked up in the namespace `std` below first. There sync() does nothing: sync_once() is proved to keep every number of a set, for all sets, so what
// the operations make without it is sound with it, too.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <span>
#include <string>

#include "base/bits.hpp"
#include "base/bug.hpp"
#include "isa/insn.hpp"
#include "isa/semantics.hpp"
#include "symbolic.hpp"

template <>
struct fmt::formatter<tenon::symbolic::U64> : fmt::formatter<int> {
  auto format(const tenon::symbolic::U64&, format_context& out) const { return fmt::formatter<int>::format(0, out); }
};
template <>
struct fmt::formatter<tenon::symbolic::S64> : fmt::formatter<int> {
  auto format(const tenon::symbolic::S64&, format_context& out) const { return fmt::formatter<int>::format(0, out); }
};

namespace tenon::isa {
/// What the instruction computes: the specification that the abstract operations are proved against (RFC 9669).
inline symbolic::U64 alu(AluOp op, bool is64, const symbolic::U64& x, const symbolic::U64& y) {
  using namespace symbolic;
  const unsigned bits = is64 ? 64 : 32;
  const z3::expr a = x.term().extract(bits - 1, 0), b = y.term().extract(bits - 1, 0);
  const z3::expr zero = Explorer::context().bv_val(0, bits), count = b & (bits - 1);
  const auto result = [&]() -> z3::expr {
    switch (op) {
      case AluOp::add:
        return a + b;
      case AluOp::sub:
        return a - b;
      case AluOp::mul:
        return a * b;
      case AluOp::udiv:
        return z3::ite(b == zero, zero, z3::udiv(a, b));
      case AluOp::umod:
        return z3::ite(b == zero, a, z3::urem(a, b));
      case AluOp::sdiv:
        return z3::ite(b == zero, zero, a / b);
      case AluOp::smod:
        return z3::ite(b == zero, a, z3::srem(a, b));
      case AluOp::bit_or:
        return a | b;
      case AluOp::bit_and:
        return a & b;
      case AluOp::bit_xor:
        return a ^ b;
      case AluOp::lsh:
        return z3::shl(a, count);
      case AluOp::rsh:
        return z3::lshr(a, count);
      case AluOp::arsh:
        return z3::ashr(a, count);
      case AluOp::mov:
        return b;
    }
    base::bug("unknown ALU operation");
  }();
  return U64(is64 ? result : z3::zext(result, 32));
}
}  // namespace tenon::isa

#define TENON_SYMBOLIC_STD                                                               \
  namespace base {                                                                       \
  using namespace ::tenon::base;                                                         \
  using i128 = symbolic::I128;                                                           \
  using u128 = symbolic::U128;                                                           \
  inline symbolic::U64 fill_right(symbolic::U64 v) {                                     \
    for (const unsigned step : {1u, 2u, 4u, 8u, 16u, 32u}) v = v | (v >> step);          \
    return v;                                                                            \
  }                                                                                      \
  }                                                                                      \
  namespace std {                                                                        \
  using namespace ::std;                                                                 \
  using uint64_t = symbolic::U64;                                                        \
  using int64_t = symbolic::S64;                                                         \
  template <class T>                                                                     \
  T min(const T& a, const T& b) {                                                        \
    return symbolic::choose((b < a).term, b, a);                                         \
  }                                                                                      \
  template <class T>                                                                     \
  T max(const T& a, const T& b) {                                                        \
    return symbolic::choose((a < b).term, b, a);                                         \
  }                                                                                      \
  template <class T>                                                                     \
  T min(initializer_list<T> all) {                                                       \
    T least = *all.begin();                                                              \
    for (const T& v : all) least = min(least, v);                                        \
    return least;                                                                        \
  }                                                                                      \
  template <class T>                                                                     \
  T max(initializer_list<T> all) {                                                       \
    T most = *all.begin();                                                               \
    for (const T& v : all) most = max(most, v);                                          \
    return most;                                                                         \
  }                                                                                      \
  inline bool has_single_bit(const uint64_t& v) { return v != 0 && (v & (v - 1)) == 0; } \
  }

#define private public
namespace tenon::words {
TENON_SYMBOLIC_STD
}
#define verify words
#define sync() \
  skipped() {} \
  void sync_for_real()
#include "verify/word.hpp"
#undef sync
#define sync() skipped()
#include "verify/word.cpp"
#undef sync
#define sync() sync_for_real()
#include "verify/word_sync.cpp"
#undef sync
#undef verify
#undef private
