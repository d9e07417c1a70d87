// SPDX-License-Identifier: Apache-2.0
// Why a head that absorb() accepts is sound: for every state that enters or comes around, absorb() names one integer for each of the head's own
// symbols (trips: 0 or one more than before; own symbols: the incoming value) and checks that under these names each place's form, number, nullness
// and every fact holds. Guesses only decide what is tried. A resumed head covers its entry the same way: numbers are joined with the entry's,
// facts are guessed, that is, checked on entry, and all else it takes over only forgets. Fails: NestedLoops, WhatHeldOnTheFirstEntryIsNotBelieved.
// Fails: RandomLoops, WhatIsAcceptedStaysInBounds.
#include <algorithm>

#include "base/bug.hpp"
#include "verify/merge_detail.hpp"

namespace tenon::verify {

using Kind = Value::Kind;
using detail::has_scalar;
using detail::known_in;

struct LoopHead::Instantiation {
  std::vector<std::pair<Symbol, Linear>> forms;

  std::optional<Linear> apply(const Linear& form) const {
    Linear result(form.constant());
    for (const auto& term : form.terms()) {
      const auto it = std::ranges::find(forms, term.symbol, &std::pair<Symbol, Linear>::first);
      const auto next = result.plus(it == forms.end() ? Linear::of(term.symbol) : it->second, term.coefficient);
      if (!next) return std::nullopt;
      result = *next;
    }
    return result;
  }
};

namespace {

std::vector<std::pair<Place, Value*>> places(State& state) {
  std::vector<std::pair<Place, Value*>> all;
  for (unsigned r = 0; r < state.regs.size(); ++r) all.push_back({{Place::Kind::reg, 0, static_cast<std::int32_t>(r)}, &state.regs[r]});
  for (unsigned n = 0; n < state.arguments.size(); ++n)
    all.push_back({{Place::Kind::argument, 0, static_cast<std::int32_t>(n)}, &state.arguments[n]});
  for (std::uint32_t f = 0; f < state.frames.size(); ++f) {
    for (unsigned r = 0; r < 4; ++r) all.push_back({{Place::Kind::saved, f, static_cast<std::int32_t>(r)}, &state.frames[f].saved[r]});
    for (Stack::Slot& slot : state.frames[f].stack.slots()) all.push_back({{Place::Kind::slot, f, slot.offset}, &slot.value});
  }
  return all;
}

/// An integer form for the scalar that lies in `range`: its own, or that of a new symbol for the register's canonical value.
Linear canonical(State& state, const Scalar& scalar, const SymbolRange& range, bool is_signed, SymbolSource& symbols) {
  const auto b = state.bounds(scalar.form);
  if ((b && b->lo >= range.lo && b->hi <= range.hi) || state.within(scalar.form, range.lo, std::min(range.hi, Integer{INT64_MAX})))
    return scalar.form;
  const Word whole = state.number_of(scalar).whole();
  const Symbol symbol = symbols.next();
  if (is_signed) {
    state.set_range(symbol, whole.smin(), whole.smax());
  } else {
    state.set_range(symbol, whole.umin(), whole.umax());
  }
  return Linear::of(symbol);
}

/// For a place that holds no such number now (a pointer that is null this time): the symbol may stand for any one of its range. What it stood for
/// before will do, but not the 0 in the register, which facts about others would be measured by. Fails: UnsoundTest, null_measures_nothing.
Linear any_number(State& state, const SymbolRange& range, SymbolSource& symbols) {
  const SymbolRange* before = state.range(range.symbol);
  if (before && before->lo >= range.lo && before->hi <= range.hi) return Linear::of(range.symbol);
  const Symbol symbol = symbols.next();
  state.set_range(symbol, range.lo, range.hi);
  return Linear::of(symbol);
}

}  // namespace

LoopHead::LoopHead(State entry, SymbolSource& symbols) : entry_(std::move(entry)), trips_(symbols.next()) {
  entry_.collect_garbage();
  head_ = entry_;
  head_.set_range(trips_, 0, kMaxTrips);
}

/// The symbol is the register read as signed or as unsigned, for good: facts about it were checked on entry under that reading.
void LoopHead::update_own_range(const Plan& plan, const Value& head) {
  const Word& w = head.scalar.number.whole();
  head_.set_range(plan.symbol, plan.is_signed ? Integer{w.smin()} : Integer{w.umin()}, plan.is_signed ? Integer{w.smax()} : Integer{w.umax()});
}

void LoopHead::own_symbol(const Place& place, Value& head, const Value& entry, const MergeContext& context) {
  Plan& plan = plans_[place];
  plan.kind = Plan::Kind::own;
  plan.symbol = context.symbols->next();
  const Word& w = head.scalar.number.whole();
  plan.is_signed = w.smin() < 0 && w.smax() >= 0 && Integer{w.smax()} - w.smin() < Integer{w.umax()} - w.umin();
  head.scalar.form = Linear::of(plan.symbol);
  update_own_range(plan, head);
  guess_pace(plan.symbol, entry);
}

void LoopHead::guess_pace(Symbol symbol, const Value& entry) {
  if (!has_scalar(entry)) return;
  const Linear own = Linear::of(symbol);
  if (const auto grows = own.plus(entry.scalar.form, -1)) {
    guess(*grows);                                                              // entry <= own
    if (const auto paced = Linear::of(trips_).plus(*grows, -1)) guess(*paced);  // own <= entry + trips
  }
  if (const auto shrinks = entry.scalar.form.plus(own, -1)) guess(*shrinks);  // own <= entry
}

bool LoopHead::merge_scalar(const Place& place, Value& head, const Value& entry, const Value& back, const State& back_state, bool foreign,
                            const MergeContext& context) {
  bool changed = false;
  const Number incoming = back_state.number_of(back.scalar);
  auto [seen, first] = round_numbers_.try_emplace(place, incoming);
  if (first)
    seen->second = join(incoming, entry_.number_of(entry.scalar));
  else
    seen->second = join(seen->second, incoming);

  Plan& plan = plans_[place];
  if (!head.scalar.number.includes(incoming)) {
    constexpr int kPatience = 3;  // thresholds are tried that often; then the bound goes
    const auto thresholds = plan.widenings++ < kPatience ? context.thresholds : std::span<const std::uint64_t>();
    head.scalar.number = widen(head.scalar.number, incoming, thresholds);
    changed = true;
  }
  switch (plan.kind) {
    case Plan::Kind::same: {
      if (back.scalar.form == head.scalar.form) break;
      const auto difference = back.scalar.form.plus(head.scalar.form, -1);
      if (!foreign && difference && difference->is_constant()) {
        if (const auto form = entry.scalar.form.plus(Linear::of(trips_), difference->constant())) {
          plan.kind = Plan::Kind::stride;
          plan.step = difference->constant();
          head.scalar.form = *form;
          return true;
        }
      }
      own_symbol(place, head, entry, context);
      return true;
    }
    case Plan::Kind::stride: {
      const auto expected = foreign ? std::optional(entry.scalar.form) : head.scalar.form.plus(plan.step);
      if (expected && back.scalar.form == *expected) break;
      own_symbol(place, head, entry, context);
      return true;
    }
    case Plan::Kind::own:
      if (changed) update_own_range(plan, head);
      break;
  }
  return changed;
}

bool LoopHead::merge_place(const Place& place, Value& head, Value& entry, Value& back, State& back_state, bool foreign, const MergeContext& context) {
  if (head.kind == Kind::none || (head.kind == Kind::lost && head.loss == Value::Loss::merged)) return false;
  const auto as_number = [&](Value& v, State& state) {
    const ir::InsnIdx origin = v.origin;
    v = Value::of(Kind::scalar, state.fresh(Number(), context.symbols->next()));
    v.origin = origin;
  };
  if (!detail::same_target(head, back)) {
    if (detail::may_become_nullable(head_, head, back)) {
      const bool changed = !head.nullable || head.null_id != 0;
      head.nullable = entry.nullable = true;
      head.null_id = entry.null_id = 0;
      return changed;
    }
    if (detail::may_become_nullable(back_state, back, head) && (!has_scalar(back) || back.scalar.form.is_constant())) {
      const auto add_region = [&](State& state) {
        if (back.kind != Kind::memory || std::ranges::find(state.regions, back.id, &Region::id) != state.regions.end()) return true;
        const Region& region = back_state.region(back.id);
        if (!known_in(state, region.size)) return false;
        state.regions.push_back(region);
        return true;
      };
      if (add_region(head_) && add_region(entry_)) {
        head = entry = back;
        plans_.erase(place);
        head.nullable = entry.nullable = true;
        head.null_id = entry.null_id = 0;
        return true;
      }
    }
    const Value merged = detail::incompatible(head, back, head_, context);
    if (merged.kind == Kind::scalar) {  // a heap address of one sort or another
      if (back.kind != Kind::scalar) as_number(back, back_state);
      if (head.kind != Kind::scalar) {
        as_number(entry, entry_);
        head = entry;
        head_.set_range(head.scalar.form.terms()[0].symbol, 0, Integer{UINT64_MAX});
        plans_.erase(place);
        merge_scalar(place, head, entry, back, back_state, foreign, context);
        return true;
      }
      return merge_scalar(place, head, entry, back, back_state, foreign, context);
    }
    const bool changed = merged.kind != head.kind || merged.loss != head.loss;
    head = merged;
    return changed;
  }
  bool changed = false;
  if (head.null_id != 0 && back.null_id != head.null_id) {
    head.null_id = entry.null_id = 0;
    changed = true;
  }
  if (back.nullable && !head.nullable) {
    head.nullable = entry.nullable = true;
    changed = true;
  }
  if (has_scalar(head)) changed |= merge_scalar(place, head, entry, back, back_state, foreign, context);
  return changed;
}

void LoopHead::resume(const LoopHead& earlier, const MergeContext& context) {
  LoopHead known = earlier;
  detail::align_frames(head_, known.head_);
  detail::align_frames(head_, entry_);
  detail::align_frames(known.head_, known.entry_);
  const auto heads = places(head_), entries = places(entry_), known_heads = places(known.head_), known_entries = places(known.entry_);
  if (heads.size() != entries.size() || heads.size() != known_heads.size() || heads.size() != known_entries.size()) return;

  Instantiation means;
  means.forms.emplace_back(known.trips_, Linear::of(trips_));
  // What a symbol of the earlier entry is called in this one: values in the same place, made in the same way.
  const auto name = [&](const Linear& theirs, const Linear& mine) {
    const auto alike = [](const Linear::Term& x, const Linear::Term& y) { return x.coefficient == y.coefficient; };
    if (!std::ranges::equal(theirs.terms(), mine.terms(), alike)) return;
    for (std::size_t t = 0; t < theirs.terms().size(); ++t) {
      const Symbol old = theirs.terms()[t].symbol;
      if (!entry_.range(old) && std::ranges::find(means.forms, old, &std::pair<Symbol, Linear>::first) == means.forms.end())
        means.forms.emplace_back(old, Linear::of(mine.terms()[t].symbol));
    }
  };
  for (std::size_t i = 0; i < heads.size(); ++i) {
    if (has_scalar(*entries[i].second) && has_scalar(*known_entries[i].second))
      name(known_entries[i].second->scalar.form, entries[i].second->scalar.form);
  }
  for (const Region& region : known.entry_.regions) {
    if (const Region* mine = entry_.find_region(region.id)) name(region.size, mine->size);
  }
  for (const RegionId id : known.moved_) {
    const Region* mine = head_.find_region(id);
    if (!mine || !mine->pinned) continue;
    move_region(id, context);
    const Region &here = head_.region(id), &there = known.head_.region(id);
    means.forms.emplace_back(there.size.terms()[0].symbol, here.size);
    for (std::size_t m = 0; m < here.marks.size(); ++m) means.forms.emplace_back(there.marks[m].terms()[0].symbol, here.marks[m]);
  }
  head_.set_range(trips_, 0, known.head_.range(known.trips_)->hi);
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const auto plan = known.plans_.find(heads[i].first);
    resume_place(heads[i].first, *heads[i].second, *entries[i].second, *known_heads[i].second, plan == known.plans_.end() ? nullptr : &plan->second,
                 means, context);
  }
  for (const Linear& fact : known.rejected_) {
    const auto mine = means.apply(fact);
    const bool known_here = mine && std::ranges::all_of(mine->terms(), [&](const auto& t) { return is_known(t.symbol); });
    if (known_here && std::ranges::find(rejected_, *mine) == rejected_.end()) rejected_.push_back(*mine);  // others would only fill the list
  }
  for (const auto& [place, entry] : entries) {
    if (const auto plan = plans_.find(place); plan != plans_.end() && plan->second.kind == Plan::Kind::own) guess_pace(plan->second.symbol, *entry);
  }
  for (const Linear& fact : known.head_.facts) {
    if (const auto mine = means.apply(fact)) guess(*mine);
  }
}

void LoopHead::resume_place(const Place& place, Value& head, Value& entry, const Value& earlier, const Plan* plan, Instantiation& means,
                            const MergeContext& context) {
  const auto is_held = [](const Value& v) { return v.kind == Kind::object && v.id != kNoInstance; };
  if (is_held(head) || head.kind == Kind::none || head.kind == Kind::lost) return;
  if (earlier.kind == Kind::none || (earlier.kind == Kind::lost && earlier.loss == Value::Loss::merged)) {
    head = earlier;
    return;
  }
  if (!detail::same_target(head, earlier)) return;
  if (earlier.null_id == 0) head.null_id = entry.null_id = 0;
  const bool stands_for_object = head.kind == Kind::memory && head_.region(head.id).object != kNoInstance;
  if (earlier.nullable && !head.nullable && !stands_for_object) {
    head.nullable = entry.nullable = true;
    head.null_id = entry.null_id = 0;
  }
  if (!plan || !has_scalar(head) || !has_scalar(entry) || plan->kind == Plan::Kind::same) return;
  Plan& mine = plans_[place];
  head.scalar.number = join(head.scalar.number, earlier.scalar.number);
  if (plan->kind == Plan::Kind::stride) {
    const auto form = entry.scalar.form.plus(Linear::of(trips_), plan->step);
    if (form) mine.kind = Plan::Kind::stride, mine.step = plan->step, head.scalar.form = *form;
    return;
  }
  mine.kind = Plan::Kind::own;
  mine.symbol = context.symbols->next();
  mine.is_signed = plan->is_signed;
  head.scalar.form = Linear::of(mine.symbol);
  update_own_range(mine, head);
  means.forms.emplace_back(plan->symbol, head.scalar.form);
}

bool LoopHead::absorb(State back, bool foreign, const MergeContext& context) {
  bool changed = detail::unify_objects(head_, back);
  std::size_t slots_before = 0, slots_after = 0;
  for (const Frame& f : head_.frames) slots_before += f.stack.slots().size();
  const State before = head_;
  detail::align_frames(head_, back);
  detail::align_frames(head_, entry_);
  for (const Frame& f : head_.frames) slots_after += f.stack.slots().size();
  changed |= slots_before != slots_after;
  for (std::size_t f = 0; f < head_.frames.size() && !changed; ++f) changed = !head_.frames[f].stack.same_bytes(before.frames[f].stack);

  std::vector<RegionId> conflicting;
  for (Region& region : head_.regions) {
    const Region* same = back.find_region(region.id);
    if (!same) continue;
    const std::size_t owners = region.owners.size();
    detail::unite(region.owners, same->owners);
    changed |= region.owners.size() != owners;
    if (region.scope != same->scope || region.object != same->object || region.map != same->map || region.frames != same->frames)
      conflicting.push_back(region.id);
    if (region.pinned && (region.size != same->size || region.marks != same->marks) && !moved_.contains(region.id)) {
      move_region(region.id, context);
      changed = true;
    }
  }
  for (const RegionId id : conflicting) {
    head_.kill_region(id, Value::Loss::merged, context.where);
    entry_.kill_region(id, Value::Loss::merged, context.where);
    changed = true;
  }
  for (const RegionId id : moved_) back.lose_pointers(id, Value::Loss::moved, context.where);
  const auto heads = places(head_), entries = places(entry_), backs = places(back);
  base::ensure(heads.size() == backs.size() && heads.size() == entries.size(), "states of one shape hold as many values");
  for (std::size_t i = 0; i < heads.size(); ++i) {
    changed |= merge_place(heads[i].first, *heads[i].second, *entries[i].second, *backs[i].second, back, foreign, context);
  }

  Instantiation means;
  if (foreign) {
    means.forms.emplace_back(trips_, Linear(0));
  } else if (const SymbolRange* r = back.range(trips_)) {
    means.forms.emplace_back(trips_, *Linear::of(trips_).plus(1));
    round_trips_ = std::max(round_trips_, r->hi + 1);
    const Integer most = head_.range(trips_)->hi;
    if (most != kMaxTrips && r->hi + 1 > most) {
      head_.set_range(trips_, 0, kMaxTrips);
      changed = true;
    }
  } else {
    round_trips_ = kMaxTrips;
    means.forms.emplace_back(trips_, *Linear::of(trips_).plus(1));
    back.set_range(trips_, 0, kMaxTrips);
    if (head_.range(trips_)->hi != kMaxTrips) {
      head_.set_range(trips_, 0, kMaxTrips);
      changed = true;
    }
  }
  for (const RegionId id : moved_) {
    const Region &here = head_.region(id), &there = back.region(id);
    means.forms.emplace_back(here.size.terms()[0].symbol, there.size);
    for (std::size_t m = 0; m < here.marks.size(); ++m) means.forms.emplace_back(here.marks[m].terms()[0].symbol, there.marks[m]);
  }
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const auto plan = plans_.find(heads[i].first);
    if (plan == plans_.end() || plan->second.kind != Plan::Kind::own) continue;
    const SymbolRange& range = *head_.range(plan->second.symbol);
    const bool same = has_scalar(*heads[i].second) && detail::same_target(*heads[i].second, *backs[i].second);
    means.forms.emplace_back(plan->second.symbol, same ? canonical(back, backs[i].second->scalar, range, plan->second.is_signed, *context.symbols)
                                                       : any_number(back, range, *context.symbols));
  }
  if (foreign) changed |= !cover_outer_ranges(back);
  changed |= !check_facts(back, means, foreign);
  if (!foreign) changed |= guess_facts(back);
  return !changed;
}

/// The context's memory moves in some round: at the head its extents are symbols of their own, and no pointer into it is left.
void LoopHead::move_region(RegionId id, const MergeContext& context) {
  std::vector<Symbol> symbols;
  for (std::size_t n = 0; n <= head_.region(id).marks.size(); ++n) symbols.push_back(context.symbols->next());
  head_.renew_region(id, symbols, context.where);
  entry_.lose_pointers(id, Value::Loss::moved, context.where);
  moved_.insert(id);
}

/// A foreign state may know less of the symbols from outside the loop than the entry did.
bool LoopHead::cover_outer_ranges(const State& foreign) {
  bool all = true;
  for (const SymbolRange& r : std::vector(entry_.ranges)) {
    const SymbolRange* theirs = foreign.range(r.symbol);
    if (!theirs || (theirs->lo >= r.lo && theirs->hi <= r.hi)) continue;
    for (State* state : {&entry_, &head_}) state->set_range(r.symbol, std::min(r.lo, theirs->lo), std::max(r.hi, theirs->hi));
    all = false;
  }
  return all;
}

/// Facts that speak of symbols from outside the loop alone cannot change on the way around; a foreign state has to imply them too.
bool LoopHead::check_facts(const State& back, const Instantiation& means, bool foreign) {
  const auto preserved = [&](const Linear& fact) {
    const bool moves = std::ranges::any_of(fact.terms(), [&](const auto& t) { return !entry_.range(t.symbol); });
    if (!moves && !foreign) return true;
    const auto form = means.apply(fact);
    return form && back.implied(*form);
  };
  bool all = true;
  std::erase_if(head_.facts, [&](const Linear& fact) {
    if (preserved(fact)) return false;
    rejected_.push_back(fact);
    std::erase(entry_.facts, fact);
    all = false;
    return true;
  });
  return all;
}

/// Takes a fact for the head if it holds on entry. Whether each round preserves it is checked from now on.
bool LoopHead::guess(const Linear& candidate) {
  const Linear fact = candidate.tightened();
  constexpr std::size_t kMaxGuesses = 64;
  if (fact.is_constant() || rejected_.size() > kMaxGuesses) return false;
  if (!std::ranges::all_of(fact.terms(), [&](const auto& t) { return is_known(t.symbol); })) return false;
  if (std::ranges::all_of(fact.terms(), [&](const auto& t) { return entry_.range(t.symbol) != nullptr; })) return false;
  const auto covers = [&](const Linear& known) { return std::ranges::equal(known.terms(), fact.terms()) && known.constant() <= fact.constant(); };
  if (std::ranges::any_of(head_.facts, covers) || std::ranges::find(rejected_, fact) != rejected_.end()) return false;
  Instantiation on_entry;
  on_entry.forms.emplace_back(trips_, Linear(0));
  State entry = entry_;
  const auto entries = places(entry);
  for (const auto& [place, value] : entries) {
    const auto plan = plans_.find(place);
    if (plan == plans_.end() || plan->second.kind != Plan::Kind::own || !has_scalar(*value)) continue;
    const SymbolRange* range = head_.range(plan->second.symbol);
    if (!range) continue;
    const auto b = entry.bounds(value->scalar.form);
    if (!b || b->lo < range->lo || b->hi > range->hi) continue;  // then the fact below mentions an unknown symbol and is not implied
    on_entry.forms.emplace_back(plan->second.symbol, value->scalar.form);
  }
  const auto form = on_entry.apply(fact);
  if (!form || !known_in(entry_, *form) || !entry_.implied(*form)) {
    rejected_.push_back(fact);
    return false;
  }
  head_.facts.push_back(fact);
  return true;
}

/// Reads what `back` says about this round in terms of the next one, and tries each sentence as an invariant.
bool LoopHead::guess_facts(const State& back) {
  std::vector<std::pair<Symbol, Linear>> renames{{trips_, *Linear::of(trips_).plus(-1)}};
  std::vector<std::pair<Symbol, Linear>> compound;  // next round's symbol, and what it will be, with a term that only this round knows
  std::vector<Symbol> stale;                        // own symbols of this round that the next round cannot express
  State back_copy = back;
  for (const auto& [place, value] : places(back_copy)) {
    const auto plan = plans_.find(place);
    if (plan == plans_.end() || plan->second.kind != Plan::Kind::own) continue;
    const Symbol own = plan->second.symbol;
    const auto terms = value->scalar.form.terms();
    const bool single = has_scalar(*value) && terms.size() == 1 && terms[0].coefficient == 1;
    if (!single || terms[0].symbol != own) stale.push_back(own);
    if (!single && has_scalar(*value) && !terms.empty() && !is_known(terms.back().symbol)) compound.emplace_back(own, value->scalar.form);
    if (!single || (terms[0].symbol != own && entry_.range(terms[0].symbol))) continue;
    if (const auto form = Linear::of(own).plus(-value->scalar.form.constant())) renames.emplace_back(terms[0].symbol, *form);
  }
  const auto translate = [&](const Linear& fact) -> std::optional<Linear> {
    std::optional<Linear> rest = fact, moved = Linear(0);
    for (const auto& [own, form] : compound) {
      const auto& marker = form.terms().back();
      const Integer coefficient = rest->coefficient(marker.symbol);
      if (coefficient == 0 || coefficient % marker.coefficient != 0) continue;
      const auto factor = static_cast<std::int64_t>(coefficient / marker.coefficient);
      rest = rest->plus(form, -factor);
      moved = moved->plus(Linear::of(own), factor);
      if (!rest || !moved) return std::nullopt;
    }
    Linear result = *moved;
    for (const auto& term : rest->terms()) {
      if (std::ranges::find(stale, term.symbol) != stale.end()) return std::nullopt;
      const auto it = std::ranges::find(renames, term.symbol, &std::pair<Symbol, Linear>::first);
      const auto next = result.plus(it == renames.end() ? Linear::of(term.symbol) : it->second, term.coefficient);
      if (!next) return std::nullopt;
      result = *next;
    }
    return result.plus(rest->constant());
  };
  bool grown = false;
  for (const auto* forms : {&back.facts, &back.hopes}) {
    for (const Linear& form : *forms) {
      if (const auto f = translate(form)) grown |= guess(*f);
    }
  }
  for (const Linear& form : back.nonzero) {
    for (const std::int64_t sign : {1, -1}) {
      const auto positive = form.times(sign);
      const auto at_least_one = positive ? positive->plus(-1) : std::nullopt;
      if (!at_least_one) continue;
      if (const auto f = translate(*at_least_one)) grown |= guess(*f);
    }
  }
  return grown;
}

bool LoopHead::narrow() {
  constexpr int kMaxNarrowings = 2;
  if (narrowings_ == kMaxNarrowings) return false;
  ++narrowings_;
  bool changed = false;
  if (round_trips_ < head_.range(trips_)->hi) {
    head_.set_range(trips_, 0, round_trips_);
    changed = true;
  }
  for (const auto& [place, value] : places(head_)) {
    const auto seen = round_numbers_.find(place);
    if (!has_scalar(*value) || seen == round_numbers_.end()) continue;
    const Number tighter = meet(value->scalar.number, seen->second);
    if (tighter == value->scalar.number || tighter.empty()) continue;
    value->scalar.number = tighter;
    if (const auto plan = plans_.find(place); plan != plans_.end() && plan->second.kind == Plan::Kind::own) update_own_range(plan->second, *value);
    changed = true;
  }
  return changed;
}

}  // namespace tenon::verify
