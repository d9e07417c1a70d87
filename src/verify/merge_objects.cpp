// SPDX-License-Identifier: Apache-2.0
#include "verify/merge_objects.hpp"

#include <algorithm>

#include "verify/merge.hpp"

namespace tenon::verify {

using Kind = Value::Kind;

namespace {

struct Pointer {
  Place place;
  InstanceId instance;
};

std::vector<Pointer> pointers_of(const State& state) {
  std::vector<Pointer> all;
  const auto add = [&](const Place& place, const Value& v) {
    if (v.kind == Kind::object && v.id != kNoInstance) all.push_back({place, v.id});
  };
  for (unsigned r = 0; r < state.regs.size(); ++r) add({Place::Kind::reg, 0, static_cast<std::int32_t>(r)}, state.regs[r]);
  for (unsigned n = 0; n < state.arguments.size(); ++n) add({Place::Kind::argument, 0, static_cast<std::int32_t>(n)}, state.arguments[n]);
  for (std::uint32_t f = 0; f < state.frames.size(); ++f) {
    for (unsigned r = 0; r < 4; ++r) add({Place::Kind::saved, f, static_cast<std::int32_t>(r)}, state.frames[f].saved[r]);
    for (const Stack::Slot& slot : state.frames[f].stack.slots()) add({Place::Kind::slot, f, slot.offset}, slot.value);
  }
  return all;
}

const Value* value_at(const State& state, const Place& place) {
  switch (place.kind) {
    case Place::Kind::reg:
      return &state.regs[static_cast<std::size_t>(place.at)];
    case Place::Kind::argument:
      return &state.arguments[static_cast<std::size_t>(place.at)];
    case Place::Kind::saved:
      return &state.frames[place.frame].saved[static_cast<std::size_t>(place.at)];
    case Place::Kind::slot: {
      const Stack::Slot* slot = state.frames[place.frame].stack.starting_at(place.at);
      return slot ? &slot->value : nullptr;
    }
  }
  return nullptr;
}

/// Every path to here has put something there.
bool is_set(const State& state, const Place& place) {
  if (const Value* v = value_at(state, place)) return v->kind != Kind::none;
  return state.frames[place.frame].stack.initialised(place.at, 8);
}

bool points_at(const State& state, const Place& place, InstanceId id) {
  const Value* v = value_at(state, place);
  return v && v->is_object(id);
}

bool is_bare(const State& state, InstanceId id) {
  const auto uses = [&](const auto& thing) { return std::ranges::find(thing.owners, id) != thing.owners.end(); };
  return std::ranges::none_of(state.locks, [&](const HeldLock& l) { return l.instance == id; }) && std::ranges::none_of(state.regions, uses) &&
         std::ranges::none_of(state.instances, [&](const Instance& i) { return uses(i) || i.of == id; }) &&
         std::ranges::none_of(state.regions, [&](const Region& r) { return r.object == id; });
}

class Matcher {
 public:
  Matcher(const State& a, const State& b, const std::vector<bool>& apart)
      : a_(a), b_(b), apart_(apart), a_pointers_(pointers_of(a)), b_pointers_(pointers_of(b)), of_a_(a.instances.size()), of_b_(b.instances.size()) {}

  std::optional<ObjectMatch> run() {
    if (a_.frames.size() != b_.frames.size() || a_.locks.size() != b_.locks.size() || a_.modes.size() != b_.modes.size() ||
        a_.arguments.size() != b_.arguments.size() || maps_differ(a_, b_)) {
      return std::nullopt;
    }
    find_pairs();
    for (std::size_t i = 0; i < of_a_.size(); ++i) {
      if (of_a_[i] ? !agree(i, *of_a_[i]) : !may_be_absent(a_, a_.instances[i], a_pointers_, b_)) return std::nullopt;
    }
    for (std::size_t j = 0; j < of_b_.size(); ++j) {
      if (!of_b_[j] && !may_be_absent(b_, b_.instances[j], b_pointers_, a_)) return std::nullopt;
    }
    if (!locks_and_modes_agree()) return std::nullopt;
    return sequence();
  }

 private:
  static std::size_t position(const State& state, InstanceId id) {
    return static_cast<std::size_t>(std::ranges::find(state.instances, id, &Instance::id) - state.instances.begin());
  }
  bool shares_place(InstanceId x, InstanceId y) const {
    return std::ranges::any_of(a_pointers_, [&](const Pointer& p) { return p.instance == x && points_at(b_, p.place, y); });
  }
  /// The object's name is the same when the paths parted after it was acquired; else the same place has to point at both.
  void find_pairs() {
    std::size_t from = 0;
    for (std::size_t i = 0; i < a_.instances.size(); ++i) {
      const Instance& x = a_.instances[i];
      for (std::size_t j = from; j < b_.instances.size(); ++j) {
        const Instance& y = b_.instances[j];
        if (x.id != y.id && (x.type != y.type || x.hold != y.hold || !shares_place(x.id, y.id))) continue;
        of_a_[i] = j;
        of_b_[j] = i;
        from = j + 1;
        break;
      }
    }
  }
  bool same_link(InstanceId x, InstanceId y) const {
    if (x == kNoInstance || y == kNoInstance) return x == y;
    const std::size_t i = position(a_, x);
    return of_a_[i] && *of_a_[i] == position(b_, y);
  }
  bool same_scope(ScopeId x, ScopeId y) const {
    const auto at = [](const State& s, ScopeId id) { return std::ranges::find(s.modes, id, &ActiveMode::scope) - s.modes.begin(); };
    return at(a_, x) == at(b_, y);
  }
  bool agree(std::size_t i, std::size_t j) const {
    const Instance &x = a_.instances[i], &y = b_.instances[j];
    if (x.type != y.type || x.hold != y.hold || x.typestate != y.typestate || x.tries != y.tries || !same_link(x.of, y.of) || !same_scope(x.scope, y.scope)) return false;
    if (!std::ranges::equal(x.owners, y.owners, [&](InstanceId p, InstanceId q) { return same_link(p, q); })) return false;
    if ((x.maybe != y.maybe || x.condition != y.condition) && (is_apart(x) || is_apart(y))) return false;
    const bool pointed = std::ranges::any_of(a_pointers_, [&](const Pointer& p) { return p.instance == x.id; }) ||
                         std::ranges::any_of(b_pointers_, [&](const Pointer& p) { return p.instance == y.id; });
    return !x.owned() || !pointed || shares_place(x.id, y.id);  // else nobody could give it back any more
  }
  bool is_apart(const Instance& i) const { return apart_[i.acquired_at.index()]; }

  bool may_be_absent(const State& holder, const Instance& instance, const std::vector<Pointer>& pointers, const State& other) const {
    if (!instance.owned()) return !instance.from_hook && is_bare(holder, instance.id) && !other.find_instance(instance.id);
    if (is_apart(instance) || !is_bare(holder, instance.id) || instance.scope != kNoScope || other.find_instance(instance.id)) return false;
    bool pointed = false;
    for (const Pointer& p : pointers) {
      if (p.instance != instance.id || !is_set(other, p.place)) continue;
      const Value* v = value_at(other, p.place);
      if (v && v->kind != Kind::none && v->kind != Kind::scalar && v->kind != Kind::lost) return false;
      if (p.place.kind == Place::Kind::slot) {
        const Stack::Slot* slot = holder.frames[p.place.frame].stack.starting_at(p.place.at);
        const Stack& stack = other.frames[p.place.frame].stack;
        if (slot->bytes != 8 || (!stack.exact(p.place.at, 8) && stack.pointer_in(p.place.at, 8))) return false;
      }
      pointed = true;
    }
    return pointed;
  }
  bool locks_and_modes_agree() const {
    const auto same_lock = [&](const HeldLock& x, const HeldLock& y) {
      return x.field == y.field && x.tries == y.tries && same_link(x.instance, y.instance);
    };
    const auto same_mode = [](const ActiveMode& x, const ActiveMode& y) { return x.mode == y.mode && x.tries == y.tries; };
    return std::ranges::equal(a_.locks, b_.locks, same_lock) && std::ranges::equal(a_.modes, b_.modes, same_mode);
  }
  ObjectMatch sequence() const {
    ObjectMatch match;
    std::size_t j = 0;
    for (std::size_t i = 0; i < of_a_.size(); ++i) {
      if (!of_a_[i]) {
        match.pairs.push_back({i, std::nullopt});
        continue;
      }
      for (; j < *of_a_[i]; ++j) match.pairs.push_back({std::nullopt, j});
      match.pairs.push_back({i, j++});
    }
    for (; j < of_b_.size(); ++j) match.pairs.push_back({std::nullopt, j});
    return match;
  }

  const State &a_, &b_;
  const std::vector<bool>& apart_;
  std::vector<Pointer> a_pointers_, b_pointers_;
  std::vector<std::optional<std::size_t>> of_a_, of_b_;
};

/// The symbol is nobody's in this state, so it may be given the value that makes the condition true, or false. Not one that the head of a loop knows:
/// there it means what it meant when the loop was entered.
bool name_ghost(State& state, const Condition& condition, bool holds, Symbol ghosts_after) {
  if (condition.symbol <= ghosts_after || state.range(condition.symbol)) return false;
  const Integer value = holds ? condition.value : 1 - condition.value;
  state.set_range(condition.symbol, value, value);
  return true;
}

/// `other` gets the object, not held. A pointer stays one that is null where nothing is held only if it was null there in both states.
/// Fails: fuzz/interfaces, number_or_object_in_one_register; Meeting, WhatOnePathHasNotSetIsNotRead.
void add_absent(State& holder, Instance& instance, State& other, std::vector<Instance>& others, Symbol which, std::int64_t path,
                Symbol ghosts_after) {
  const bool was_sure = !instance.maybe;
  if (was_sure)
    instance.condition = {which, path};
  else if (!name_ghost(other, instance.condition, false, ghosts_after))
    instance.condition = {};
  instance.maybe = instance.merged = true;
  others.push_back(instance);
  for (const Pointer& p : pointers_of(holder)) {
    if (p.instance != instance.id || !is_set(other, p.place)) continue;  // nobody may look there after the paths have met
    Value& pointer = const_cast<Value&>(*value_at(holder, p.place));
    Value* v = const_cast<Value*>(value_at(other, p.place));
    pointer.nullable = (was_sure || pointer.nullable) && v && v->is_zero();
    if (v)
      *v = pointer;
    else
      other.frames[p.place.frame].stack.write(p.place.at, 8, pointer);
  }
}

/// Pointers of a to `x` and of b to `y` that mean the same after the merge; others are lost.
void align_pointers(State& a, const Instance& x, State& b, const Instance& y, bool maybe, ir::InsnIdx where) {
  const auto null_when_absent = [](const Instance& i, const Value& v) { return !i.maybe || v.nullable; };
  const auto lose = [&](State& state, const Place& place) {
    if (Value* v = const_cast<Value*>(value_at(state, place))) *v = Value::lost_value(Value::Loss::merged, where);
  };
  for (const Pointer& p : pointers_of(a)) {
    if (p.instance != x.id) continue;
    if (!points_at(b, p.place, y.id)) {
      lose(a, p.place);
      lose(b, p.place);
      continue;
    }
    Value& v = const_cast<Value&>(*value_at(a, p.place));
    Value& w = const_cast<Value&>(*value_at(b, p.place));
    v.nullable = w.nullable = maybe && null_when_absent(x, v) && null_when_absent(y, w);
  }
  for (const Pointer& p : pointers_of(b)) {
    if (p.instance == y.id && !points_at(a, p.place, x.id)) {
      lose(a, p.place);
      lose(b, p.place);
    }
  }
}

}  // namespace

std::optional<ObjectMatch> match_objects(const State& a, const State& b, const std::vector<bool>& apart) { return Matcher(a, b, apart).run(); }

void apply_match(State& a, State& b, const ObjectMatch& match, const std::function<Symbol()>& which, const MergeContext& context) {
  const ir::InsnIdx where = context.where;
  std::vector<Instance> as, bs;
  std::vector<InstanceId> dead_a, dead_b;
  for (const ObjectMatch::Pair& pair : match.pairs) {
    if (pair.a && pair.b) {
      Instance x = a.instances[*pair.a], y = b.instances[*pair.b];
      const bool maybe = x.maybe || y.maybe;
      align_pointers(a, x, b, y, maybe, where);
      Condition condition;
      if (x.condition == y.condition)
        condition = x.condition;
      else if (!x.maybe && name_ghost(a, y.condition, true, context.ghosts_after))
        condition = y.condition;
      else if (!y.maybe && name_ghost(b, x.condition, true, context.ghosts_after))
        condition = x.condition;
      const bool merged = x.merged || y.merged || x.maybe != y.maybe;
      x.maybe = y.maybe = maybe;
      x.condition = y.condition = condition;
      x.merged = y.merged = merged;
      as.push_back(x);
      bs.push_back(y);
    } else if (pair.a) {
      Instance x = a.instances[*pair.a];
      if (!x.owned()) {
        dead_a.push_back(x.id);
        continue;
      }
      add_absent(a, x, b, bs, x.maybe ? 0 : which(), 0, context.ghosts_after);
      as.push_back(x);
    } else {
      Instance y = b.instances[*pair.b];
      if (!y.owned()) {
        dead_b.push_back(y.id);
        continue;
      }
      add_absent(b, y, a, as, y.maybe ? 0 : which(), 1, context.ghosts_after);
      bs.push_back(y);
    }
  }
  a.instances = std::move(as);
  b.instances = std::move(bs);
  for (const InstanceId id : dead_a) a.kill_instance(id, Value::Loss::merged, where);
  for (const InstanceId id : dead_b) b.kill_instance(id, Value::Loss::merged, where);
}

}  // namespace tenon::verify
