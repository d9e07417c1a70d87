// SPDX-License-Identifier: Apache-2.0
#include "verify/merge.hpp"

#include <algorithm>

#include "base/bug.hpp"
#include "verify/merge_detail.hpp"
#include "verify/merge_objects.hpp"

namespace tenon::verify {

using Kind = Value::Kind;

namespace detail {

/// The bytes of one object are one region, whatever it was called.
void rename_own_memory(const State& a, State& b) {
  std::vector<std::pair<RegionId, RegionId>> renames;
  for (const Region& mine : a.regions) {
    const auto theirs = mine.object == kNoInstance ? b.regions.end() : std::ranges::find(b.regions, mine.object, &Region::object);
    if (theirs == b.regions.end() || theirs->id == mine.id) continue;
    const bool taken = b.find_region(mine.id) != nullptr;
    if (taken) continue;
    renames.emplace_back(theirs->id, mine.id);
    theirs->id = mine.id;
  }
  if (renames.empty()) return;
  b.for_each_value([&](Value& v) {
    const auto it = std::ranges::find(renames, v.id, [](const auto& r) { return r.first; });
    if (v.kind == Kind::memory && it != renames.end()) v.id = it->second;
  });
}

bool unify_objects(State& a, State& b) {
  std::vector<std::pair<InstanceId, InstanceId>> instances;
  std::vector<std::pair<ScopeId, ScopeId>> scopes;
  for (std::size_t i = 0; i < a.instances.size(); ++i) instances.emplace_back(b.instances[i].id, a.instances[i].id);
  for (std::size_t i = 0; i < a.modes.size(); ++i) scopes.emplace_back(b.modes[i].scope, a.modes[i].scope);
  const auto rename = [](auto& id, const auto& renames) {
    if (id == 0) return;
    const auto it = std::ranges::find(renames, id, [](const auto& r) { return r.first; });
    base::ensure(it != renames.end(), "a name of an object or a scope that the state does not hold");
    id = it->second;
  };
  b.for_each_value([&](Value& v) {
    if (v.kind == Kind::object) rename(v.id, instances);
  });
  const auto rename_links = [&](auto& thing) {
    for (InstanceId& owner : thing.owners) rename(owner, instances);
    rename(thing.scope, scopes);
  };
  bool changed = false;
  for (std::size_t i = 0; i < b.instances.size(); ++i) {
    Instance &x = a.instances[i], &y = b.instances[i];
    rename(y.id, instances);
    rename(y.of, instances);
    rename_links(y);
    x.merged |= y.merged;
    if (x.condition == y.condition) continue;
    changed |= x.condition.symbol != 0;
    x.condition = y.condition = {};
  }
  for (Region& region : b.regions) {
    rename_links(region);
    rename(region.object, instances);
  }
  rename_own_memory(a, b);
  for (HeldLock& lock : b.locks) rename(lock.instance, instances);
  for (ActiveMode& mode : b.modes) rename(mode.scope, scopes);
  return changed;
}

void unite(std::vector<InstanceId>& owners, const std::vector<InstanceId>& more) {
  for (const InstanceId id : more) {
    if (std::ranges::find(owners, id) == owners.end()) owners.push_back(id);
  }
}

void align_frames(State& a, State& b) {
  for (std::size_t f = 0; f < a.frames.size(); ++f) Stack::align(a.frames[f].stack, b.frames[f].stack);
}

bool has_scalar(const Value& v) {
  return v.is_number() || v.kind == Kind::stack || v.kind == Kind::context || v.kind == Kind::memory || v.kind == Kind::probed;
}

bool same_target(const Value& a, const Value& b) {
  if (a.kind != b.kind || a.escapes != b.escapes) return false;
  return a.kind == Kind::object ? a.id == b.id && a.type == b.type : a.is_number() || a.id == b.id;
}

bool known_in(const State& state, const Linear& form) {
  return std::ranges::all_of(form.terms(), [&](const auto& t) { return state.range(t.symbol) != nullptr; });
}

/// A pointer that is null on the other path: the pointer, nullable. Only where no obligation hangs on it: an object's own bytes stand for the object.
/// Fails: fuzz/interfaces, overwritten_by_null_in_a_loop.
bool may_become_nullable(const State& state, const Value& pointer, const Value& other) {
  if (!other.is_zero()) return false;
  if (pointer.kind == Kind::memory) return state.region(pointer.id).object == kNoInstance;
  return pointer.kind == Kind::context || pointer.kind == Kind::map || pointer.kind == Kind::probed ||
         (pointer.kind == Kind::object && pointer.id == kNoInstance);
}

Value incompatible(const Value& a, const Value& b, const State& state, const MergeContext& context) {
  if (a.kind == Kind::none || b.kind == Kind::none) return {};
  const auto in_heap = [&](const Value& v) {
    return v.is_number() || (v.kind == Kind::stack && (*context.heap_frames)[state.frames[v.id].function.index()]);
  };
  if (in_heap(a) && in_heap(b)) return Value::of(Kind::scalar, {});
  Value lost = Value::lost_value(Value::Loss::merged, context.where);
  const auto escaping = [&](const Value& v, const Value& other) {
    if (v.kind == Kind::stack && (other.is_number() || other.kind == Kind::stack)) {
      lost.loss = Value::Loss::stack_or_number;
      lost.id = v.id;
    } else if (v.kind == Kind::lost && v.loss == Value::Loss::stack_or_number) {
      lost.loss = v.loss;
      lost.id = v.id;
    }
  };
  escaping(a, b);
  escaping(b, a);
  if (a.kind == Kind::lost && lost.loss == Value::Loss::merged) return a;
  if (b.kind == Kind::lost && lost.loss == Value::Loss::merged) return b;
  return lost;
}

}  // namespace detail

namespace {

using detail::has_scalar;
using detail::known_in;

/// What the symbols made by one join mean on one of its two paths.
struct Meaning {
  std::vector<std::pair<Symbol, Linear>> forms;

  std::optional<Linear> apply(Linear form) const {
    for (const auto& [symbol, meaning] : forms) {
      const auto next = form.substitute(symbol, meaning);
      if (!next) return std::nullopt;
      form = *next;
    }
    return form;
  }
};

class Join {
 public:
  Join(State& a, State& b, const MergeContext& context) : a_(a), b_(b), context_(context) {}

  void run(const ObjectMatch* match) {
    if (match) apply_match(a_, b_, *match, [this] { return which(); }, context_);
    detail::unify_objects(a_, b_);
    const auto parted = std::ranges::mismatch(a_.trail, b_.trail).in1;
    a_.trail.erase(parted, a_.trail.end());  // what both paths have in common
    detail::align_frames(a_, b_);
    merge_regions();
    const State a_before = a_;
    const auto xs = a_.values(), ys = b_.values();
    base::ensure(xs.size() == ys.size(), "states of one shape hold as many values");
    for (std::size_t i = 0; i < xs.size(); ++i) merge(*xs[i], *ys[i], a_before);
    merge_facts(a_before);
    merge_ranges(a_before);
    drop_unknown_symbols();
  }

 private:
  void merge_regions() {
    std::erase_if(a_.regions, [&](const Region& r) { return !r.pinned && !known_in(b_, r.size); });
    std::vector<RegionId> conflicting;
    for (const Region& r : b_.regions) {
      Region* present = a_.find_region(r.id);
      if (!present) {
        if (known_in(a_, r.size)) a_.regions.push_back(r);
      } else if (present->scope != r.scope || present->object != r.object || present->map != r.map || present->frames != r.frames) {
        conflicting.push_back(r.id);
      } else if (present->pinned && (present->size != r.size || present->marks != r.marks)) {
        renew(*present);
      } else {
        detail::unite(present->owners, r.owners);
      }
    }
    std::erase_if(a_.regions, [&](const Region& r) { return std::ranges::find(conflicting, r.id) != conflicting.end(); });
  }

  /// The context's memory has moved on one of the paths.
  void renew(const Region& region) {
    std::vector<Symbol> symbols;
    for (std::size_t n = 0; n <= region.marks.size(); ++n) symbols.push_back(context_.symbols->next());
    b_.lose_pointers(region.id, Value::Loss::moved, context_.where);
    State extents;
    extents.regions.push_back(region);
    extents.renew_region(region.id, symbols, context_.where);
    a_.lose_pointers(region.id, Value::Loss::moved, context_.where);
    *a_.find_region(region.id) = extents.regions.front();
    for (const SymbolRange& r : extents.ranges) new_ranges_.set_range(r.symbol, r.lo, r.hi);
    kept_.insert(kept_.end(), extents.facts.begin(), extents.facts.end());
  }

  bool has_region(RegionId id) const { return std::ranges::find(a_.regions, id, &Region::id) != a_.regions.end(); }

  void merge(Value& x, Value& y, const State& a_before) {
    if (x.kind == Kind::memory && !has_region(x.id)) x = Value::lost_value(Value::Loss::merged, context_.where);
    if (y.kind == Kind::memory && !has_region(y.id)) y = Value::lost_value(Value::Loss::merged, context_.where);
    if (detail::same_target(x, y)) {
      if (x.null_id != y.null_id) x.null_id = 0;
      x.nullable |= y.nullable;
      if (has_scalar(x)) merge_scalar(x.scalar, y.scalar, a_before);
      return;
    }
    if (detail::may_become_nullable(a_, x, y)) {
      if (has_scalar(x) && !known_in(b_, x.scalar.form)) x.scalar = fresh_scalar(x.scalar.number);
      x.nullable = true;
      x.null_id = 0;
    } else if (detail::may_become_nullable(b_, y, x)) {
      if (has_scalar(y) && !known_in(a_before, y.scalar.form)) y.scalar = fresh_scalar(y.scalar.number);
      x = y;
      x.nullable = true;
      x.null_id = 0;
    } else {
      x = detail::incompatible(x, y, a_before, context_);
      if (x.kind == Kind::scalar) x.scalar = fresh_scalar(Number());
    }
  }

  Scalar fresh_scalar(const Number& number) {
    const Symbol symbol = context_.symbols->next();
    const Scalar scalar = new_ranges_.fresh(number, symbol);
    return scalar;
  }

  void merge_scalar(Scalar& x, const Scalar& y, const State& a_before) {
    const Number number = join(a_before.number_of(x), b_.number_of(y));
    if (x.form == y.form && known_in(b_, x.form)) {
      x.number = number;
      return;
    }
    const auto difference = y.form.plus(x.form, -1);
    if (difference && is_zero_in(b_, *difference) && known_in(b_, x.form)) {
      x.number = number;
      return;
    }
    if (difference && is_zero_in(a_before, *difference) && known_in(b_, y.form)) {
      x = {number, y.form};
      return;
    }
    if (difference && difference->is_constant() && known_in(b_, x.form)) {
      if (const auto form = tied(x.form, difference->constant())) {
        x = {number, *form};
        return;
      }
    }
    if (const auto form = proportional(x.form, y.form)) {
      x = {number, *form};
      return;
    }
    const auto bx = bounds(a_before, x.form), by = bounds(b_, y.form);
    if (bx && by) {
      Integer lo = std::min(bx->lo, by->lo), hi = std::max(bx->hi, by->hi);
      const bool is_unsigned = lo >= 0 && hi <= Integer{UINT64_MAX};
      const bool canonical = is_unsigned || (lo >= INT64_MIN && hi <= INT64_MAX);
      if (canonical) {  // a comparison may have told more about the number than about the symbols of its form
        lo = std::max(lo, is_unsigned ? Integer{number.whole().umin()} : Integer{number.whole().smin()});
        hi = std::min(hi, is_unsigned ? Integer{number.whole().umax()} : Integer{number.whole().smax()});
      }
      if (canonical && !number.is_constant()) {
        const Symbol symbol = context_.symbols->next();
        new_ranges_.set_range(symbol, lo, hi);
        in_a_.forms.emplace_back(symbol, x.form);
        in_b_.forms.emplace_back(symbol, y.form);
        guess_around(symbol, x.form, y.form, a_before);
        if (difference && !difference->is_constant() && known_in(b_, x.form)) moved_.push_back({symbol, x.form, *difference});
        x = {number, Linear::of(symbol)};
        return;
      }
    }
    x = fresh_scalar(number);
  }

  /// base + difference * which, where `which` is 0 on the first path and 1 on the second: what moves together stays tied together.
  std::optional<Linear> tied(const Linear& base, std::int64_t difference) { return base.plus(Linear::of(which()), difference); }

  /// 0 on the first path, 1 on the second.
  Symbol which() {
    if (which_ == 0) {
      which_ = context_.symbols->next();
      new_ranges_.set_range(which_, 0, 1);
      in_a_.forms.emplace_back(which_, Linear(0));
      in_b_.forms.emplace_back(which_, Linear(1));
    }
    return which_;
  }

  /// What moved by a multiple of what something else moved by: base + factor * (symbol - its base).
  std::optional<Linear> proportional(const Linear& x, const Linear& y) const {
    const auto difference = y.plus(x, -1);
    if (!difference || !known_in(b_, x)) return std::nullopt;
    for (const Moved& moved : moved_) {
      const auto& term = moved.by.terms().front();
      const std::int64_t coefficient = difference->coefficient(term.symbol);
      if (coefficient == 0 || Integer{coefficient} % term.coefficient != 0) continue;
      const auto factor = static_cast<std::int64_t>(Integer{coefficient} / term.coefficient);
      if (moved.by.times(factor) != *difference) continue;
      const auto offset = Linear::of(moved.symbol).plus(moved.base, -1);
      if (const auto form = offset ? x.plus(*offset, factor) : std::nullopt) return form;
    }
    return std::nullopt;
  }

  static bool is_zero_in(const State& state, const Linear& form) {
    const auto b = state.bounds(form);
    return b && b->lo == 0 && b->hi == 0;
  }

  static std::optional<State::Bounds> bounds(const State& state, const Linear& form) {
    const auto b = state.bounds(form);
    if (b && b->lo >= 0 && b->hi <= Integer{UINT64_MAX}) return b;
    if (known_in(state, form) && state.within(form, 0, INT64_MAX)) return State::Bounds{0, INT64_MAX};
    return b;
  }

  /// Facts in which the sum stands as a whole, with the symbol in its place.
  void rename_sum(const State& state, const Linear& sum, Symbol symbol) {
    if (sum.is_constant()) return;
    for (const Linear& fact : state.facts) {
      for (const std::int64_t sign : {1, -1}) {
        const auto rest = fact.plus(sum, sign);
        const auto in_rest = [&](const Linear::Term& term) { return rest->mentions(term.symbol); };
        if (!rest || std::ranges::any_of(sum.terms(), in_rest)) continue;
        if (const auto renamed = rest->plus(Linear::of(symbol), -sign)) candidates_.push_back(*renamed);
      }
    }
  }

  /// min, max and clamp: the merged value against either of its sources.
  void guess_around(Symbol symbol, const Linear& x, const Linear& y, const State& a_before) {
    for (const Linear* form : {&x, &y}) {
      if (form->is_constant() || !known_in(a_before, *form) || !known_in(b_, *form)) continue;
      if (const auto above = Linear::of(symbol).plus(*form, -1)) candidates_.push_back(*above);
      if (const auto below = form->plus(Linear::of(symbol), -1)) candidates_.push_back(*below);
    }
    const auto rename = [&](const State& state, const Linear& form) {
      if (form.terms().size() != 1 || form.terms()[0].coefficient != 1) return rename_sum(state, form, symbol);
      const Symbol old = form.terms()[0].symbol;
      const auto replacement = Linear::of(symbol).plus(-form.constant());
      if (!replacement) return;
      for (const Linear& fact : state.facts) {
        if (!fact.mentions(old)) continue;
        if (const auto renamed = fact.substitute(old, *replacement)) candidates_.push_back(*renamed);
      }
    };
    rename(a_before, x);
    rename(b_, y);
  }

  /// A symbol or a form with other bounds on the second path: its bounds move with `which`.
  void guess_ranges(const State& a_before) {
    if (which_ == 0) return;
    const auto guess = [&](Symbol symbol, Integer on_a, Integer on_b, std::int64_t sign) {  // sign * symbol >= sign * (on_a + (on_b - on_a) * which)
      constexpr Integer kFar = Integer{1} << 61;
      if (on_a == on_b || on_a < -kFar || on_a > kFar || on_b < -kFar || on_b > kFar) return;
      const auto moved = Linear::of(which_).times(static_cast<std::int64_t>(on_b - on_a));
      const auto bound = moved ? moved->plus(static_cast<std::int64_t>(on_a)) : std::nullopt;
      const auto fact = bound ? Linear::of(symbol).plus(*bound, -1) : std::nullopt;
      if (const auto f = fact ? fact->times(sign) : std::nullopt) candidates_.push_back(*f);
    };
    for (const SymbolRange& r : a_before.ranges) {
      const SymbolRange* other = b_.range(r.symbol);
      if (!other) continue;
      guess(r.symbol, r.lo, other->lo, 1);
      guess(r.symbol, r.hi, other->hi, -1);
    }
    for (const Linear& f : a_before.facts) {
      const auto parallel = std::ranges::find_if(b_.facts, [&](const Linear& g) { return std::ranges::equal(f.terms(), g.terms()); });
      if (parallel == b_.facts.end() || parallel->constant() == f.constant()) continue;
      const auto difference = Linear(parallel->constant()).plus(Linear(f.constant()), -1);
      const auto moved = difference ? Linear::of(which_).times(difference->constant()) : std::nullopt;
      if (const auto fact = moved ? f.plus(*moved) : std::nullopt) candidates_.push_back(*fact);
    }
  }

  bool holds(const State& state, const Meaning& meaning, const Linear& fact, int& budget) const {
    const auto form = meaning.apply(fact);
    if (!form || !known_in(state, *form)) return false;
    const Linear goal = form->tightened();
    for (const Linear& known : state.facts) {
      if (std::ranges::equal(known.terms(), goal.terms()) && known.constant() <= goal.constant()) return true;
    }
    const auto bounds = state.bounds(goal);
    if (bounds && bounds->lo >= 0) return true;
    return budget-- > 0 && state.implied(goal);
  }

  void merge_facts(const State& a_before) {
    std::vector<Linear> kept;
    int budget = 24;
    const auto consider = [&](const Linear& fact) {
      if (std::ranges::find(kept, fact) != kept.end()) return true;
      if (!holds(a_before, in_a_, fact, budget) || !holds(b_, in_b_, fact, budget)) return false;
      kept.push_back(fact);
      return true;
    };
    for (const Linear& f : a_before.facts) consider(f);
    for (const Linear& f : b_.facts) consider(f);
    guess_ranges(a_before);
    for (const Linear& f : candidates_) {
      if (consider(f)) continue;
      if (const auto weaker = f.plus(1)) consider(*weaker);  // less than on one path, equal on the other
    }
    const auto keep_common = [](std::vector<Linear>& mine, const std::vector<Linear>& theirs) {
      std::erase_if(mine, [&](const Linear& f) { return std::ranges::find(theirs, f) == theirs.end(); });
    };
    a_.facts.clear();
    keep_common(a_.nonzero, b_.nonzero);
    keep_common(a_.hopes, b_.hopes);
    kept_.insert(kept_.end(), kept.begin(), kept.end());
  }

  void merge_ranges(const State& a_before) {
    std::vector<SymbolRange> merged;
    for (const SymbolRange& r : a_before.ranges) {
      if (const SymbolRange* other = b_.range(r.symbol)) merged.push_back({r.symbol, std::min(r.lo, other->lo), std::max(r.hi, other->hi)});
    }
    merged.insert(merged.end(), new_ranges_.ranges.begin(), new_ranges_.ranges.end());  // newer symbols are larger
    a_.ranges = std::move(merged);
    for (const Linear& f : kept_) {
      if (known_in(a_, f)) a_.add_fact(f);
    }
  }

  void drop_unknown_symbols() {
    a_.for_each_value([&](const Value& v) {
      if (has_scalar(v)) base::ensure(known_in(a_, v.scalar.form), "a merged value mentions a symbol of one path only");
    });
    a_.collect_garbage();
  }

  State& a_;
  State& b_;
  const MergeContext& context_;
  State new_ranges_;  // only its ranges are used
  Meaning in_a_, in_b_;
  Symbol which_ = 0;
  struct Moved {
    Symbol symbol;
    Linear base, by;
  };  // base on the first path, base + by on the second
  std::vector<Moved> moved_;
  std::vector<Linear> candidates_, kept_;
};

}  // namespace

void join(State& a, State b, const MergeContext& context, const ObjectMatch* match) { Join(a, b, context).run(match); }

}  // namespace tenon::verify
