// SPDX-License-Identifier: Apache-2.0
#include "verify/state.hpp"

#include <algorithm>

#include "base/bug.hpp"

namespace tenon::verify {

namespace {

constexpr std::size_t kMaxFacts = 48;
constexpr std::size_t kMaxLimited = 12;

Integer ceil_div(Integer a, Integer b) { return a / b + ((a % b != 0 && (a > 0) == (b > 0)) ? 1 : 0); }
Integer floor_div(Integer a, Integer b) { return a / b - ((a % b != 0 && (a > 0) != (b > 0)) ? 1 : 0); }

}  // namespace

const Region& State::region(RegionId id) const {
  const auto it = std::ranges::find(regions, id, &Region::id);
  base::ensure(it != regions.end(), "a pointer into a region that the state does not know");
  return *it;
}

Instance* State::find_instance(InstanceId id) {
  const auto it = std::ranges::find(instances, id, &Instance::id);
  return it == instances.end() ? nullptr : &*it;
}

Scalar State::fresh(const Number& number, Symbol symbol) {
  if (number.is_constant()) return {number, Linear(static_cast<std::int64_t>(number.constant_value()))};
  const Word& w = number.whole();
  const bool as_signed = w.smin() < 0 && w.smax() >= 0 && Integer{w.smax()} - w.smin() < Integer{w.umax()} - w.umin();
  set_range(symbol, as_signed ? Integer{w.smin()} : Integer{w.umin()}, as_signed ? Integer{w.smax()} : Integer{w.umax()});
  return {number, Linear::of(symbol)};
}

void State::set_range(Symbol symbol, Integer lo, Integer hi) {
  const auto at = std::ranges::lower_bound(ranges, symbol, {}, &SymbolRange::symbol);
  if (at != ranges.end() && at->symbol == symbol) {
    *at = {symbol, lo, hi};
  } else {
    ranges.insert(at, {symbol, lo, hi});
  }
}

const SymbolRange* State::range(Symbol symbol) const {
  const auto at = std::ranges::lower_bound(ranges, symbol, {}, &SymbolRange::symbol);
  return at != ranges.end() && at->symbol == symbol ? &*at : nullptr;
}

std::optional<State::Bounds> State::bounds(const Linear& form) const {
  Bounds b{form.constant(), form.constant()};
  for (const auto& term : form.terms()) {
    const SymbolRange* r = range(term.symbol);
    if (!r || term.coefficient > (std::int64_t{1} << 56) || term.coefficient < -(std::int64_t{1} << 56)) return std::nullopt;
    const Integer c = term.coefficient;
    b.lo += c * (c > 0 ? r->lo : r->hi);
    b.hi += c * (c > 0 ? r->hi : r->lo);
  }
  return b;
}

bool State::within(const Linear& form, Integer lo, Integer hi) const {
  const auto b = bounds(form);
  bool low = b && b->lo >= lo, high = b && b->hi <= hi;
  const auto fits = [](Integer v) { return v >= INT64_MIN && v <= INT64_MAX; };
  if (!low && fits(-lo)) {
    const auto goal = form.plus(static_cast<std::int64_t>(-lo));
    low = goal && implied(*goal);
  }
  if (!low) return false;
  if (!high && fits(hi)) {
    const auto goal = Linear(static_cast<std::int64_t>(hi)).plus(form, -1);
    high = goal && implied(*goal);
  }
  return high;
}

Number State::number_of(const Scalar& scalar) const {
  if (scalar.number.is_constant()) return scalar.number;
  const auto b = bounds(scalar.form);
  if (!b) return scalar.number;
  const Word& known = scalar.number.whole();
  if ((b->lo <= known.umin() && b->hi >= known.umax()) || (b->lo <= known.smin() && b->hi >= known.smax())) return scalar.number;
  if (b->lo >= 0 && b->hi <= Integer{UINT64_MAX}) {
    return meet(scalar.number, Number::unsigned_range(static_cast<std::uint64_t>(b->lo), static_cast<std::uint64_t>(b->hi)));
  }
  if (b->lo >= INT64_MIN && b->hi <= INT64_MAX) {
    return meet(scalar.number, Number::signed_range(static_cast<std::int64_t>(b->lo), static_cast<std::int64_t>(b->hi)));
  }
  return scalar.number;
}

/// A fact about one symbol is a bound on it.
void State::refine_symbol(const Linear& fact) {
  const auto& term = fact.terms()[0];
  const SymbolRange* known = range(term.symbol);
  if (!known) return;
  SymbolRange r = *known;
  const Integer c = term.coefficient, bound = -Integer{fact.constant()};  // c * s >= bound
  if (c > 0) {
    r.lo = std::max(r.lo, ceil_div(bound, c));
  } else {
    r.hi = std::min(r.hi, floor_div(bound, c));
  }
  set_range(r.symbol, r.lo, r.hi);
}

void State::add_fact(const Linear& given) {
  const Linear fact = given.tightened();
  if (fact.is_constant()) return;
  if (fact.terms().size() == 1) return refine_symbol(fact);
  for (Linear& known : facts) {
    if (!std::ranges::equal(known.terms(), fact.terms())) continue;
    if (fact.constant() < known.constant()) known = fact;  // the stronger of two parallel facts
    return;
  }
  if (facts.size() == kMaxFacts) facts.erase(facts.begin());
  facts.push_back(fact);
}

void State::add_limited(std::vector<Linear>& forms, const Linear& form) {
  if (form.is_constant() || std::ranges::find(forms, form) != forms.end()) return;
  if (forms.size() == kMaxLimited) forms.erase(forms.begin());
  forms.push_back(form);
}

std::vector<Value*> State::values() {
  std::vector<Value*> all;
  all.reserve(64);
  for_each_value([&](Value& v) { all.push_back(&v); });
  return all;
}

void State::collect_garbage() {
  std::vector<Symbol> live;
  const auto mark = [&](const Linear& form) {
    for (const auto& term : form.terms()) live.push_back(term.symbol);
  };
  const auto tidy = [&] {
    std::ranges::sort(live);
    live.erase(std::ranges::unique(live).begin(), live.end());
  };
  const auto is_live = [&](const Linear::Term& term) { return std::ranges::binary_search(live, term.symbol); };
  for_each_value([&](Value& v) {
    if (v.kind != Value::Kind::none && v.kind != Value::Kind::lost) mark(v.scalar.form);
  });
  for (const Region& region : regions) mark(region.size);
  tidy();
  // A dead symbol may still link two live ones (k < n, n <= size): keep what hangs together.
  for (std::size_t before = 0; before != live.size();) {
    before = live.size();
    for (const Linear& fact : facts) {
      const auto alive = std::ranges::count_if(fact.terms(), is_live);
      if (alive != 0) mark(fact);
    }
    tidy();
  }
  std::erase_if(facts, [&](const Linear& f) { return !std::ranges::all_of(f.terms(), is_live); });
  for (auto* forms : {&nonzero, &hopes}) std::erase_if(*forms, [&](const Linear& f) { return !std::ranges::all_of(f.terms(), is_live); });
  std::erase_if(ranges, [&](const SymbolRange& r) { return !std::ranges::binary_search(live, r.symbol); });
}

void State::kill_instance(InstanceId id, ir::InsnIdx where) {
  std::erase_if(instances, [&](const Instance& i) { return i.id == id; });
  for_each_value([&](Value& v) {
    if (v.kind == Value::Kind::object && v.id == id) v = Value::lost_value(Value::Loss::released, where);
  });
}

void State::set_null(InstanceId id) {
  std::erase_if(instances, [&](const Instance& i) { return i.id == id; });
  for_each_value([&](Value& v) {
    if (v.kind == Value::Kind::object && v.id == id) {
      const ir::InsnIdx origin = v.origin;
      v = Value::constant(0);
      v.origin = origin;
    }
  });
}

namespace {

std::size_t position(const State& state, InstanceId id) {
  return static_cast<std::size_t>(std::ranges::find(state.instances, id, &Instance::id) - state.instances.begin());
}

bool same_object(const State& a, const Value& x, const State& b, const Value& y) {
  const bool x_object = x.kind == Value::Kind::object && x.id != kNoInstance, y_object = y.kind == Value::Kind::object && y.id != kNoInstance;
  if (x_object != y_object) return false;
  return !x_object || (position(a, x.id) == position(b, y.id) && x.nullable == y.nullable);
}

/// Slots pointing at objects must be the same on both sides; others are aligned later.
bool same_object_slots(const State& a, const Stack& x, const State& b, const Stack& y) {
  const auto covered = [&](const Stack& from, const State& from_state, const Stack& in, const State& in_state) {
    return std::ranges::all_of(from.slots(), [&](const Stack::Slot& slot) {
      if (slot.value.kind != Value::Kind::object || slot.value.id == kNoInstance) return true;
      const Stack::Slot* other = in.exact(slot.offset, slot.bytes);
      return other && same_object(from_state, slot.value, in_state, other->value);
    });
  };
  return covered(x, a, y, b) && covered(y, b, x, a);
}

}  // namespace

bool same_shape(const State& a, const State& b) {
  if (a.frames.size() != b.frames.size() || a.instances.size() != b.instances.size()) return false;
  for (std::size_t i = 0; i < a.instances.size(); ++i) {
    const Instance &x = a.instances[i], &y = b.instances[i];
    if (x.type != y.type || x.maybe_null != y.maybe_null || x.borrowed != y.borrowed) return false;
  }
  for (std::size_t r = 0; r < a.regs.size(); ++r) {
    if (!same_object(a, a.regs[r], b, b.regs[r])) return false;
  }
  for (std::size_t f = 0; f < a.frames.size(); ++f) {
    for (std::size_t r = 0; r < 4; ++r) {
      if (!same_object(a, a.frames[f].saved[r], b, b.frames[f].saved[r])) return false;
    }
    if (!same_object_slots(a, a.frames[f].stack, b, b.frames[f].stack)) return false;
  }
  return true;
}

}  // namespace tenon::verify
