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

Region* State::find_region(RegionId id) {
  const auto it = std::ranges::find(regions, id, &Region::id);
  return it == regions.end() ? nullptr : &*it;
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

/// Regions and borrowed objects that no value points to and nothing hangs on.
void State::drop_unreferenced() {
  std::vector<InstanceId> objects;
  std::vector<RegionId> memory;
  for_each_value([&](const Value& v) {
    if (v.kind == Value::Kind::object) objects.push_back(v.id);
    if (v.kind == Value::Kind::memory) memory.push_back(v.id);
  });
  const auto among = [](const auto& all, auto wanted) { return std::ranges::find(all, wanted) != all.end(); };
  std::erase_if(regions, [&](const Region& r) { return !r.pinned && (r.object == kNoInstance || r.map != 0) && !among(memory, r.id); });
  for (const HeldLock& lock : locks) objects.push_back(lock.instance);
  for (const Region& r : regions) {
    objects.insert(objects.end(), r.owners.begin(), r.owners.end());
    objects.push_back(r.object);
  }
  for (const Instance& i : instances) {
    objects.insert(objects.end(), i.owners.begin(), i.owners.end());
    objects.push_back(i.of);
  }
  std::erase_if(instances, [&](const Instance& i) { return !i.owned() && !i.from_hook && !among(objects, i.id); });
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
  drop_unreferenced();
  for (const Region& region : regions) {
    mark(region.size);
    for (const Linear& offset : region.marks) mark(offset);
  }
  for (const Instance& instance : instances) {
    if (instance.condition.symbol != 0) live.push_back(instance.condition.symbol);
  }
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

const Instance* State::find_instance(InstanceId id) const {
  const auto it = std::ranges::find(instances, id, &Instance::id);
  return it == instances.end() ? nullptr : &*it;
}

void State::kill_instance(InstanceId id, Value::Loss loss, ir::InsnIdx where) {
  std::erase_if(instances, [&](const Instance& i) { return i.id == id; });
  for_each_value([&](Value& v) {
    if (v.is_object(id)) v = Value::lost_value(loss, where);
  });
  for (Instance& other : instances) {
    if (other.of == id) other.of = kNoInstance;
  }
  kill_dependents(id, where);
}

/// What was borrowed from the instance dies with it; an owned object only forgets the link.
void State::kill_dependents(InstanceId id, ir::InsnIdx where) {
  const auto depends = [&](const auto& thing) { return std::ranges::find(thing.owners, id) != thing.owners.end(); };
  for (;;) {
    const auto region = std::ranges::find_if(regions, [&](const Region& r) { return depends(r) || r.object == id; });
    if (region == regions.end()) break;
    kill_region(region->id, region->object == id ? Value::Loss::released : Value::Loss::owner_gone, where);
  }
  for (;;) {
    const auto borrowed = std::ranges::find_if(instances, depends);
    if (borrowed == instances.end()) break;
    kill_instance(borrowed->id, Value::Loss::owner_gone, where);
  }
}

void State::kill_region(RegionId id, Value::Loss loss, ir::InsnIdx where) {
  std::erase_if(regions, [&](const Region& r) { return r.id == id; });
  lose_pointers(id, loss, where);
}

void State::renew_region(RegionId id, const std::vector<Symbol>& symbols, ir::InsnIdx where) {
  lose_pointers(id, Value::Loss::moved, where);
  Region& region = *find_region(id);
  base::ensure(symbols.size() == region.marks.size() + 1, "one symbol for each mark and the size");
  for (const Symbol symbol : symbols) set_range(symbol, 0, kMaxRegionBytes);
  for (std::size_t m = 0; m < region.marks.size(); ++m) region.marks[m] = Linear::of(symbols[m]);
  region.size = Linear::of(symbols.back());
  for (std::size_t m = 0; m + 1 < symbols.size(); ++m) {
    if (const auto ascending = Linear::of(symbols[m + 1]).plus(Linear::of(symbols[m]), -1)) add_fact(*ascending);
  }
}

void State::lose_pointers(RegionId id, Value::Loss loss, ir::InsnIdx where) {
  for_each_value([&](Value& v) {
    if (v.kind == Value::Kind::memory && v.id == id) v = Value::lost_value(loss, where);
  });
}

void State::leave_scope(ScopeId scope, ir::InsnIdx where) {
  const auto inside = [&](const auto& thing) { return thing.scope == scope; };
  for (auto r = std::ranges::find_if(regions, inside); r != regions.end(); r = std::ranges::find_if(regions, inside)) {
    kill_region(r->id, Value::Loss::scope_left, where);
  }
  for (auto i = std::ranges::find_if(instances, inside); i != instances.end(); i = std::ranges::find_if(instances, inside)) {
    kill_instance(i->id, Value::Loss::scope_left, where);
  }
}

void State::set_absent(InstanceId id) {
  const Instance gone = *find_instance(id);
  if (gone.condition.symbol != 0) set_range(gone.condition.symbol, 1 - gone.condition.value, 1 - gone.condition.value);
  std::erase_if(instances, [&](const Instance& i) { return i.id == id; });
  for_each_value([&](Value& v) {
    if (!v.is_object(id)) return;
    const ir::InsnIdx origin = v.origin;
    if (v.nullable) {
      v = Value::constant(0);
    } else {
      v = Value::lost_value(Value::Loss::not_held, origin);
      v.id = gone.acquired_at.value;
    }
    v.origin = origin;
  });
  kill_dependents(id, gone.acquired_at);
}

void State::set_present(InstanceId id) {
  Instance& instance = *find_instance(id);
  if (instance.condition.symbol != 0) set_range(instance.condition.symbol, instance.condition.value, instance.condition.value);
  instance.maybe = instance.merged = false;
  instance.condition = {};
  for_each_value([&](Value& v) {
    if (v.is_object(id)) v.nullable = false;
  });
}

void State::resolve_conditions() {
  for (std::size_t n = 0; n < instances.size();) {
    const Instance& instance = instances[n];
    const SymbolRange* known = instance.condition.symbol == 0 ? nullptr : range(instance.condition.symbol);
    if (!known || known->lo != known->hi) {
      ++n;
    } else if (known->lo == instance.condition.value) {
      set_present(instance.id);
    } else {
      set_absent(instance.id);
      n = 0;
    }
  }
}

void State::note_turn(Turn turn) {
  constexpr std::size_t kMaxTrail = 8;
  if (trail.size() == kMaxTrail) trail.erase(trail.begin());
  trail.push_back(turn);
}

namespace {

std::size_t position(const State& state, InstanceId id) {
  return static_cast<std::size_t>(std::ranges::find(state.instances, id, &Instance::id) - state.instances.begin());
}

std::size_t position_of_scope(const State& state, ScopeId id) {
  return static_cast<std::size_t>(std::ranges::find(state.modes, id, &ActiveMode::scope) - state.modes.begin());
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

bool same_owners(const State& a, const std::vector<InstanceId>& x, const State& b, const std::vector<InstanceId>& y) {
  return std::ranges::equal(x, y, [&](InstanceId p, InstanceId q) { return position(a, p) == position(b, q); });
}

}  // namespace

bool same_locks_and_modes(const State& a, const State& b) {
  const auto same_lock = [&](const HeldLock& x, const HeldLock& y) {
    return x.field == y.field && x.tries == y.tries && position(a, x.instance) == position(b, y.instance);
  };
  const auto same_mode = [](const ActiveMode& x, const ActiveMode& y) { return x.mode == y.mode && x.tries == y.tries; };
  return std::ranges::equal(a.locks, b.locks, same_lock) && std::ranges::equal(a.modes, b.modes, same_mode);
}

bool same_kind(const State& a, const Instance& x, const State& b, const Instance& y) {
  return x.type == y.type && x.hold == y.hold && x.typestate == y.typestate && x.tries == y.tries && position(a, x.of) == position(b, y.of) &&
         position_of_scope(a, x.scope) == position_of_scope(b, y.scope) && same_owners(a, x.owners, b, y.owners);
}

bool maps_differ(const State& a, const State& b) {
  const auto differ = [](const Value& x, const Value& y) { return x.kind == Value::Kind::map && y.kind == Value::Kind::map && x.id != y.id; };
  for (std::size_t r = 0; r < a.regs.size(); ++r) {
    if (differ(a.regs[r], b.regs[r])) return true;
  }
  return false;
}

bool same_shape(const State& a, const State& b) {
  if (maps_differ(a, b)) return false;
  if (a.frames.size() != b.frames.size() || a.instances.size() != b.instances.size() || !same_locks_and_modes(a, b)) return false;
  for (std::size_t i = 0; i < a.instances.size(); ++i) {
    const Instance &x = a.instances[i], &y = b.instances[i];
    if (!same_kind(a, x, b, y) || x.maybe != y.maybe) return false;
  }
  const auto same = [&](const Value& x, const Value& y) { return same_object(a, x, b, y); };
  if (!std::ranges::equal(a.regs, b.regs, same) || !std::ranges::equal(a.arguments, b.arguments, same)) return false;
  for (std::size_t f = 0; f < a.frames.size(); ++f) {
    if (!std::ranges::equal(a.frames[f].saved, b.frames[f].saved, same)) return false;
    if (!same_object_slots(a, a.frames[f].stack, b, b.frames[f].stack)) return false;
  }
  return true;
}

}  // namespace tenon::verify
