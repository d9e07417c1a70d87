// SPDX-License-Identifier: Apache-2.0
// Integers that are Z3 terms, so that ordinary C++ runs on all values at once. Where it asks a question about them, it runs once for each answer that
// is possible: Explorer replays it with one more answer fixed each time.
#pragma once

#include <z3++.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tenon::symbolic {

/// The paths of one function. Not thread-safe; one at a time.
class Explorer {
 public:
  explicit Explorer(unsigned timeout_ms) : timeout_ms_(timeout_ms) { current_ = this; }
  ~Explorer() { current_ = nullptr; }
  Explorer(const Explorer&) = delete;
  Explorer& operator=(const Explorer&) = delete;

  static z3::context& context() {
    static auto* const made = new z3::context;
    return *made;
  }
  static Explorer& current() {
    if (current_ == nullptr) throw std::logic_error("a question outside of an exploration");
    return *current_;
  }

  void assume(const z3::expr& condition) { add_parts(assumed_, condition); }
  /// As assume(), but on this path only.
  void learn(const z3::expr& condition) { add_parts(path_, condition); }

  /// The answer on this path.
  bool decide(const z3::expr& question) {
    const z3::expr simple = question.simplify();
    if (simple.is_true() || simple.is_false()) return simple.is_true();
    bool answer = true;
    if (at_ < answers_.size()) {
      answer = answers_[at_];
    } else if (!possible(simple)) {
      answer = false;
      answers_.push_back(answer);
    } else {
      if (possible(!simple)) {
        std::vector<bool> other = answers_;
        other.push_back(false);
        waiting_.push_back(std::move(other));
      }
      answers_.push_back(true);
    }
    ++at_;
    path_.push_back(answer ? simple : !simple);
    return answer;
  }

  /// Whether it holds on this path, whatever the values.
  bool implied(const z3::expr& claim) const { return given(claim) || !possible(!claim); }

  /// Runs `body` on every path; it returns what must hold there, all of it. The first counterexample, or that Z3 gave up, or "".
  template <class F>
  std::string prove(F&& body) {
    waiting_.assign(1, {});
    paths_ = 0;
    seen_.clear();
    bool is_possible = false;
    while (!waiting_.empty()) {
      answers_ = std::move(waiting_.back());
      waiting_.pop_back();
      at_ = 0;
      path_.clear();
      const std::vector<z3::expr> wanted = body();
      ++paths_;
      is_possible = is_possible || with(path_, context().bool_val(true)).check() == z3::sat;
      for (const z3::expr& each : wanted) {  // one by one: each alone is easier
        if (given(each) || holds_everywhere(each)) continue;
        z3::solver solver = with(path_, !each);
        const z3::check_result found = solver.check();
        if (found == z3::sat) return kCounterexample + std::string(Z3_model_to_string(context(), solver.get_model()));
        if (found == z3::unknown) return "Z3 gave up on " + each.simplify().to_string();
      }
    }
    return is_possible ? "" : "nothing satisfies what was assumed";
  }
  static bool is_counterexample(const std::string& found) { return found.starts_with(kCounterexample); }
  std::size_t paths() const { return paths_; }

 private:
  /// Whether it was assumed, all of it, as it stands.
  bool given(const z3::expr& claim) const {
    if (claim.is_true()) return true;
    if (claim.is_app() && claim.decl().decl_kind() == Z3_OP_AND) {
      for (unsigned i = 0; i < claim.num_args(); ++i) {
        if (!given(claim.arg(i))) return false;
      }
      return true;
    }
    const auto same = [&](const z3::expr& fact) { return z3::eq(fact, claim); };
    return std::any_of(assumed_.begin(), assumed_.end(), same) || std::any_of(path_.begin(), path_.end(), same);
  }
  /// Its parts, where it is a conjunction: what given() looks for.
  static void add_parts(std::vector<z3::expr>& all, const z3::expr& condition) {
    if (condition.is_app() && condition.decl().decl_kind() == Z3_OP_AND) {
      for (unsigned i = 0; i < condition.num_args(); ++i) add_parts(all, condition.arg(i));
    } else {
      all.push_back(condition);
    }
  }

  bool possible(const z3::expr& question) const { return with(path_, question).check() != z3::unsat; }

  /// Whether it holds on all paths. That is tried when a second one claims it.
  bool holds_everywhere(const z3::expr& claim) {
    const auto [place, is_first] = seen_.try_emplace(Z3_get_ast_id(context(), claim), Seen{claim, {}});
    if (is_first) return false;
    std::optional<bool>& holds = place->second.everywhere;
    if (!holds) holds = with({}, !claim).check() == z3::unsat;
    return *holds;
  }

  /// What was assumed, what holds on the path, and `more`.
  z3::solver with(const std::vector<z3::expr>& path, const z3::expr& more) const {
    static const z3::tactic* const steps = [] {
      const auto step = [](const char* name) { return z3::tactic(context(), name); };
      return new z3::tactic(step("simplify") & step("propagate-values") & step("ackermannize_bv") & step("elim-uncnstr") & step("solve-eqs") &
                            step("simplify") & step("bit-blast") & step("sat"));
    }();
    z3::solver solver = steps->mk_solver();
    z3::params params(context());
    params.set("timeout", timeout_ms_);
    solver.set(params);
    for (const auto* all : {&assumed_, &path}) {
      for (const z3::expr& each : *all) solver.add(each);
    }
    solver.add(more);
    return solver;
  }

  static constexpr char kCounterexample[] = "counterexample: ";  // which may name no variable
  static inline Explorer* current_ = nullptr;
  unsigned timeout_ms_;
  struct Seen {
    z3::expr claim;
    std::optional<bool> everywhere;
  };

  std::vector<z3::expr> assumed_, path_;
  std::map<unsigned, Seen> seen_;
  std::vector<std::vector<bool>> waiting_;
  std::vector<bool> answers_;
  std::size_t at_ = 0, paths_ = 0;
};

/// While one lives, products, quotients and remainders are functions of which nothing is known but what is assumed of them: their circuits are too
/// large for Z3.
class Opaque {
 public:
  Opaque() { ++alive_; }
  ~Opaque() { --alive_; }
  Opaque(const Opaque&) = delete;
  Opaque& operator=(const Opaque&) = delete;

  /// `known` where none lives.
  static z3::expr apply(const char* name, const z3::expr& known) {
    if (alive_ == 0) return known;
    const z3::sort sort = known.get_sort();
    return Explorer::context().function((name + std::to_string(sort.bv_size())).c_str(), sort, sort, sort)(known.arg(0), known.arg(1));
  }

 private:
  static inline int alive_ = 0;
};

inline z3::expr product(const z3::expr& a, const z3::expr& b) { return Opaque::apply("product", a * b); }
inline z3::expr quotient(const z3::expr& a, const z3::expr& b) { return Opaque::apply("quotient", z3::udiv(a, b)); }
inline z3::expr remainder(const z3::expr& a, const z3::expr& b) { return Opaque::apply("remainder", z3::urem(a, b)); }
inline z3::expr signed_quotient(const z3::expr& a, const z3::expr& b) { return Opaque::apply("signed_quotient", a / b); }
inline z3::expr signed_remainder(const z3::expr& a, const z3::expr& b) { return Opaque::apply("signed_remainder", z3::srem(a, b)); }

/// The answer to a question; becoming a bool decides it.
struct Bool {
  z3::expr term;
  operator bool() const { return Explorer::current().decide(term); }  // as the comparisons of integers are bools, too
};

/// A machine integer of `Bits` bits; signed division, comparison, shift and extension as in C++ (shift counts below the width).
template <unsigned Bits, bool IsSigned>
class Int {
 public:
  Int() : Int(0) {}
  Int(int v) : term_(number(v)) {}
  Int(unsigned v) : term_(Explorer::context().bv_val(static_cast<std::uint64_t>(v), Bits)) {}
  Int(long v) : term_(number(v)) {}
  Int(unsigned long v) : term_(Explorer::context().bv_val(static_cast<std::uint64_t>(v), Bits)) {}
  Int(unsigned long long v) : term_(Explorer::context().bv_val(static_cast<std::uint64_t>(v), Bits)) {}
  explicit Int(z3::expr term) : term_(std::move(term)) {}
  /// Narrower ones widen by themselves, as in a braced initialiser; all others need a cast.
  template <unsigned From, bool FromSigned>
    requires(From < Bits)
  Int(const Int<From, FromSigned>& v) : term_(FromSigned ? z3::sext(v.term(), Bits - From) : z3::zext(v.term(), Bits - From)) {}
  template <unsigned From, bool FromSigned>
    requires(From >= Bits && (From != Bits || FromSigned != IsSigned))
  explicit Int(const Int<From, FromSigned>& v) : term_(v.term().extract(Bits - 1, 0)) {}

  const z3::expr& term() const { return term_; }
  explicit operator bool() const { return Explorer::current().decide(term_ != 0); }

  friend Int operator+(const Int& a, const Int& b) { return Int(a.term_ + b.term_); }
  friend Int operator-(const Int& a, const Int& b) { return Int(a.term_ - b.term_); }
  friend Int operator*(const Int& a, const Int& b) { return Int(product(a.term_, b.term_)); }
  friend Int operator/(const Int& a, const Int& b) { return Int(IsSigned ? signed_quotient(a.term_, b.term_) : quotient(a.term_, b.term_)); }
  friend Int operator%(const Int& a, const Int& b) { return Int(IsSigned ? signed_remainder(a.term_, b.term_) : remainder(a.term_, b.term_)); }
  friend Int operator&(const Int& a, const Int& b) { return Int(a.term_ & b.term_); }
  friend Int operator|(const Int& a, const Int& b) { return Int(a.term_ | b.term_); }
  friend Int operator^(const Int& a, const Int& b) { return Int(a.term_ ^ b.term_); }
  Int operator~() const { return Int(~term_); }
  Int operator-() const { return Int(-term_); }
  Int& operator++() { return *this = *this + Int(1); }
  Int& operator--() { return *this = *this - Int(1); }
  Int& operator|=(const Int& b) { return *this = *this | b; }
  Int& operator&=(const Int& b) { return *this = *this & b; }
  friend Int operator<<(const Int& a, unsigned n) { return Int(z3::shl(a.term_, Int(n).term_)); }
  friend Int operator>>(const Int& a, unsigned n) { return shifted(a, Int(n).term_); }
  friend Int operator<<(const Int& a, const Int<Bits, false>& n)
    requires(IsSigned)
  {
    return Int(z3::shl(a.term_, n.term()));
  }
  friend Int operator>>(const Int& a, const Int<Bits, false>& n)
    requires(IsSigned)
  {
    return shifted(a, n.term());
  }
  friend Int operator<<(const Int& a, const Int& n)
    requires(!IsSigned)
  {
    return Int(z3::shl(a.term_, n.term_));
  }
  friend Int operator>>(const Int& a, const Int& n)
    requires(!IsSigned)
  {
    return shifted(a, n.term_);
  }

  friend Bool operator==(const Int& a, const Int& b) { return {a.term_ == b.term_}; }
  friend Bool operator!=(const Int& a, const Int& b) { return {a.term_ != b.term_}; }
  friend Bool operator<(const Int& a, const Int& b) { return {IsSigned ? a.term_ < b.term_ : z3::ult(a.term_, b.term_)}; }
  friend Bool operator<=(const Int& a, const Int& b) { return {IsSigned ? a.term_ <= b.term_ : z3::ule(a.term_, b.term_)}; }
  friend Bool operator>(const Int& a, const Int& b) { return b < a; }
  friend Bool operator>=(const Int& a, const Int& b) { return b <= a; }

 private:
  static z3::expr number(std::int64_t v) { return Explorer::context().bv_val(v, Bits); }
  static Int shifted(const Int& a, const z3::expr& n) { return Int(IsSigned ? z3::ashr(a.term_, n) : z3::lshr(a.term_, n)); }
  z3::expr term_;
};

using U64 = Int<64, false>;
using S64 = Int<64, true>;
using U128 = Int<128, false>;
using I128 = Int<128, true>;

inline U64 variable(const char* name) { return U64(Explorer::context().bv_const(name, 64)); }

template <unsigned Bits, bool IsSigned>
Int<Bits, IsSigned> choose(const z3::expr& first, const Int<Bits, IsSigned>& a, const Int<Bits, IsSigned>& b) {
  return Int<Bits, IsSigned>(z3::ite(first, a.term(), b.term()));
}

}  // namespace tenon::symbolic
