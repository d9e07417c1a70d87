// SPDX-License-Identifier: Apache-2.0
// Calls of the host's functions, against their declarations: maps first, arguments left to right, what the clauses ask for, callbacks, then the
// effects: for each way in which the `on` clauses can turn out, a state of its own.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/bug.hpp"
#include "verify/call_binding.hpp"

namespace tenon::verify {

using Kind = Value::Kind;
using interface::Conditional;

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

std::string nearest_name(const interface::Declarations& declarations, std::string_view name) {
  std::string best;
  std::size_t distance = name.size() / 2 + 1;
  for (const interface::Function& f : declarations.functions) {
    const std::size_t d = edit_distance(f.name, name);
    if (d < distance) {
      distance = d;
      best = f.name;
    }
  }
  return best;
}

isa::CmpOp comparison(Conditional::Compare compare, bool is_signed) {
  switch (compare) {
    case Conditional::Compare::eq:
      return isa::CmpOp::eq;
    case Conditional::Compare::ne:
      return isa::CmpOp::ne;
    case Conditional::Compare::lt:
      return is_signed ? isa::CmpOp::slt : isa::CmpOp::ult;
    case Conditional::Compare::le:
      return is_signed ? isa::CmpOp::sle : isa::CmpOp::ule;
    case Conditional::Compare::gt:
      return is_signed ? isa::CmpOp::sgt : isa::CmpOp::ugt;
    case Conditional::Compare::ge:
      return is_signed ? isa::CmpOp::sge : isa::CmpOp::uge;
  }
  base::bug("unknown comparison");
}

Conditional::Compare opposite(Conditional::Compare compare) {
  switch (compare) {
    case Conditional::Compare::eq:
      return Conditional::Compare::ne;
    case Conditional::Compare::ne:
      return Conditional::Compare::eq;
    case Conditional::Compare::lt:
      return Conditional::Compare::ge;
    case Conditional::Compare::le:
      return Conditional::Compare::gt;
    case Conditional::Compare::gt:
      return Conditional::Compare::le;
    case Conditional::Compare::ge:
      return Conditional::Compare::lt;
  }
  base::bug("unknown comparison");
}

/// Types of which one object must be told from another.
bool has_identity(const interface::ObjectType& type) {
  return type.kind != interface::ObjectType::Kind::plain || !type.locks.empty() || !type.states.empty();
}

}  // namespace

/// A borrowed result that names no owner dies with whatever the call borrows; what the hook lends outlives the invocation.
std::vector<InstanceId> Analyzer::lenders(const State& state, const Binding& binding) const {
  std::vector<InstanceId> all = binding.borrowed;
  std::erase_if(all, [&](InstanceId id) {
    const Instance& lender = *state.find_instance(id);
    return !lender.owned() && lender.from_hook;
  });
  return all;
}

std::optional<interface::StateIdx> Analyzer::first_state(const interface::ObjectRef& type) const {
  if (type.state) return type.state;
  return declarations_.at(type.type).states.empty() ? std::nullopt : std::optional(interface::StateIdx(0));
}

Value Analyzer::result_object(State& state, ir::InsnIdx i, const interface::ObjectRef& type, const Binding& binding) {
  Value value;
  value.kind = Kind::object;
  value.type = type.type;
  value.nullable = type.nullable;
  const auto same = type.instance.empty() ? std::nullopt : binding.instance(type.instance);
  if (same && type.mode == interface::ObjectRef::Mode::borrow) {  // one of the arguments again
    value.id = *same;
    return value;
  }
  const bool owned = type.mode == interface::ObjectRef::Mode::own;
  Instance made{.id = kNoInstance, .type = type.type, .hold = owned ? Instance::Hold::owned : Instance::Hold::borrowed, .maybe = type.nullable};
  made.typestate = first_state(type);
  made.acquired_at = made.stepped_at = i;
  if (owned) made.tries = tries();
  const auto of = type.of.empty() ? std::nullopt : binding.instance(type.of);
  if (of) made.of = *of;
  const bool plain = declarations_.at(type.type).kind == interface::ObjectType::Kind::plain;
  if (!owned && of && *of != kNoInstance)
    made.owners = {*of};
  else if (type.mode == interface::ObjectRef::Mode::borrow && !plain)
    made.owners = lenders(state, binding);
  if (!type.region.empty()) made.scope = binding.scopes.at(type.region);
  if (!owned && !has_identity(declarations_.at(type.type)) && made.owners.empty() && made.scope == kNoScope) {
    value.null_id = ++last_null_id_;
    return value;
  }
  made.id = ++last_instance_;
  value.id = made.id;
  if (type.memory) {
    value = result_memory(state, i, *type.memory, binding, RegionSite(std::pair(i.value, 0u)));
    value.nullable = type.nullable;
    Region& region = *state.find_region(value.id);
    region.owners.clear();
    region.object = made.id;
  }
  state.instances.push_back(std::move(made));
  return value;
}

/// The type of a special field, when the interface declares one.
std::optional<interface::ObjectTypeIdx> Analyzer::type_of(const ir::SpecialField& field) const {
  const auto type = declarations_.find_object_type(field.structure);
  return type && declarations_.at(*type).field_bytes == field.bytes ? type : std::nullopt;
}

/// The lock that values of the map hold; there is at most one (pass_map).
std::optional<interface::ObjectTypeIdx> Analyzer::lock_in_values(const ir::MapDefinition& map) const {
  for (const ir::SpecialField& field : map.fields) {
    const auto type = type_of(field);
    if (type && !declarations_.at(*type).locks.empty()) return type;
  }
  return std::nullopt;
}

/// Memory of the same extent, handed out under the same conditions, has one name wherever it comes from, so that paths that got theirs from different
/// calls can meet. What is lent to a callback, and an object's own bytes, have names of their own.
RegionId Analyzer::name_region(const State& state, const Region& region, const RegionSite& site) {
  const auto same = [&](const Region& known) {
    return known.size == region.size && known.access == region.access && known.shared == region.shared && known.scope == region.scope &&
           known.map == region.map && known.frames == region.frames && known.owners == region.owners && known.object == kNoInstance;
  };
  for (std::uint32_t n = 0;; ++n) {
    const auto [known, fresh] = region_names_.try_emplace({site, region.size.constant(), region.access, region.shared, region.map, n}, 0);
    if (fresh) known->second = ++last_region_;
    const auto present = std::ranges::find(state.regions, known->second, &Region::id);
    if (present == state.regions.end() || same(*present)) return known->second;
  }
}

Value Analyzer::result_memory(State& state, ir::InsnIdx i, const interface::Mem& type, const Binding& binding, const RegionSite& site) {
  const auto bytes = static_cast<std::int64_t>(element_bytes(type, binding));
  Linear size(bytes * static_cast<std::int64_t>(type.count.value_or(1)));
  const bool constant = !type.count_parameter;
  if (!constant) {
    const Value& given = state.regs[*type.count_parameter + 1];
    const auto& count_type = std::get<interface::Scalar>(binding.callee.parameters[*type.count_parameter].type);
    size = Linear(0);  // unless its extent is known, nothing of it may be touched
    if (state.within(given.scalar.form, 0, (Integer{1} << count_type.bits) - 1)) {
      const Scalar count = scaled_count(state, given.scalar, type);
      if (const auto total = count.form.times(bytes)) size = *total;
    }
  }
  Region region{.id = 0, .size = size, .access = type.access, .shared = type.shared, .unique = !constant};
  if (type.part == interface::Mem::MapPart::value) {
    const std::uint32_t index = map_of(type, binding);
    if (!map_at(index).fields.empty()) region.map = index + 1;
    const std::uint32_t flags = map_at(index).flags;
    if (flags & ir::MapDefinition::kReadOnlyFlag) region.access = interface::Access::read;
    if (flags & ir::MapDefinition::kWriteOnlyFlag) region.access = interface::Access::write;
  }
  const auto of = type.of.empty() ? std::nullopt : binding.instance(type.of);
  if (of && *of != kNoInstance)
    region.owners = {*of};
  else if (type.of.empty())
    region.owners = lenders(state, binding);
  if (const auto scope = binding.scopes.find(type.of); scope != binding.scopes.end()) region.scope = scope->second;
  for (unsigned n = 0; n < binding.callee.parameters.size(); ++n) {
    const auto* kept = std::get_if<interface::Mem>(&binding.callee.parameters[n].type);
    if (kept && kept->kept && state.regs[n + 1].kind == Kind::stack) region.frames = std::max(region.frames, state.regs[n + 1].id + 1);
  }
  const auto lock = region.map == 0 ? std::nullopt : lock_in_values(map_at(region.map - 1));
  if (lock) {  // a value of its own: which one is locked matters
    Instance made{.id = ++last_instance_, .type = *lock, .hold = Instance::Hold::borrowed, .owners = region.owners, .scope = region.scope};
    made.acquired_at = made.stepped_at = i;
    region.object = made.id;
    region.unique = true;
    state.instances.push_back(std::move(made));
  }
  region.id = constant && !lock ? name_region(state, region, site) : ++last_region_;
  Value value = Value::of(Kind::memory, {Number::constant(0), Linear(0)}, region.id);
  value.nullable = type.nullable;
  value.null_id = ++last_null_id_;
  if (!state.find_region(region.id)) state.regions.push_back(std::move(region));
  return value;
}

Value Analyzer::host_result(State& state, ir::InsnIdx i, const Binding& binding) {
  Value value;
  if (const auto* scalar = std::get_if<interface::Scalar>(&binding.callee.result)) {
    value = unknown_value(state, number_of_type(*scalar), i);
  } else if (const auto* object = std::get_if<interface::ObjectRef>(&binding.callee.result)) {
    value = result_object(state, i, *object, binding);
  } else if (const auto* mem = std::get_if<interface::Mem>(&binding.callee.result)) {
    value = result_memory(state, i, *mem, binding, {});
  } else if (const auto* structure = std::get_if<interface::StructRef>(&binding.callee.result)) {
    value = struct_value(*structure, i);
  } else if (const auto* map = std::get_if<interface::MapRef>(&binding.callee.result)) {
    value.kind = Kind::map;
    value.id = static_cast<std::uint32_t>(program_.maps().size()) + *binding.maps[*map->inner_of];
    value.nullable = map->nullable;
    value.null_id = ++last_null_id_;
  }
  value.escapes = escapes_of(binding.callee.may_escape);
  value.origin = i;
  return value;
}

/// A pointer to a struct that the host handed out at instruction i.
Value Analyzer::struct_value(const interface::StructRef& type, ir::InsnIdx i) {
  const auto [known, fresh] = site_contexts_.try_emplace({i.value, type.type.value}, static_cast<std::uint32_t>(contexts_.size()));
  if (fresh) {
    contexts_.push_back(type.type);
    range_regions_.emplace_back();
  }
  Value value = Value::of(Kind::context, {Number::constant(0), Linear(0)}, known->second);
  value.nullable = type.nullable;
  value.null_id = ++last_null_id_;
  return value;
}

bool Analyzer::pass_arguments(State& state, ir::InsnIdx i, Binding& binding) {
  const auto& parameters = binding.callee.parameters;
  for (const bool maps : {true, false}) {
    for (unsigned n = 0; n < parameters.size(); ++n) {
      if (std::holds_alternative<interface::MapRef>(parameters[n].type) == maps && !pass_argument(state, i, n, binding)) return false;
    }
  }
  return maps_hold(i, binding) && links_hold(state, i, binding) && pass_the_rest(state, i, binding);
}

/// `holds 'f`: the field lies in a value of this map; `map of m`: the object says what m holds.
bool Analyzer::maps_hold(ir::InsnIdx i, const Binding& binding) {
  const auto refuse = [&](std::uint32_t n, std::string_view what, std::string_view help) {
    fail("E0225", i, fmt::format("argument {} ('{}') of {}() {}", n + 1, binding.callee.parameters[n].name, binding.callee.name, what),
         std::string(help));
    return false;
  };
  for (unsigned n = 0; n < binding.callee.parameters.size(); ++n) {
    const auto* map = std::get_if<interface::MapRef>(&binding.callee.parameters[n].type);
    if (!map || map->holds.empty()) continue;
    if (*binding.maps[n] >= program_.maps().size())
      return refuse(n, "came out of another map, so which one it is cannot be told", "use a map of the object itself");
    if (binding.holders.at(map->holds) != *binding.maps[n])
      return refuse(n, "is not the map whose value is passed", "pass the map that the value was looked up in");
  }
  const auto* result = std::get_if<interface::MapRef>(&binding.callee.result);
  if (!result) return true;
  const std::uint32_t outer = *binding.maps[*result->inner_of];
  if (outer < program_.maps().size() && program_.maps()[outer].inner) return true;
  return refuse(*result->inner_of, "does not say what it holds", "declare the inner map in it: __array(values, struct ..)");
}

/// `'s of 'a`, `'t in 'r` of parameters, once every name stands for something.
bool Analyzer::links_hold(State& state, ir::InsnIdx i, Binding& binding) {
  for (unsigned n = 0; n < binding.callee.parameters.size(); ++n) {
    const auto* type = std::get_if<interface::ObjectRef>(&binding.callee.parameters[n].type);
    if (!type || type->mode == interface::ObjectRef::Mode::create) continue;
    const Instance* instance = binding.objects[n] == kNoInstance ? nullptr : state.find_instance(binding.objects[n]);
    if (!instance) continue;
    if (!type->region.empty()) {
      const auto [scope, first] = binding.scopes.try_emplace(type->region, instance->scope);
      if (scope->second != instance->scope) {
        fail("E0321", i,
             fmt::format("argument {} ('{}') of {}() belongs to another region than the call", n + 1, binding.callee.parameters[n].name,
                         binding.callee.name),
             "use it in the region that it was obtained in", {note(instance->acquired_at, "it was obtained here")});
        return false;
      }
    }
    if (type->of.empty()) continue;
    const auto [owner, fresh] = binding.instances.try_emplace(type->of, instance->of);
    if (fresh || (owner->second == instance->of && instance->of != kNoInstance)) continue;
    const std::string& name = declarations_.at(type->type).name;
    fail("E0313", i,
         fmt::format("argument {} ('{}') of {}() must be the '{}' that belongs to '{}", n + 1, binding.callee.parameters[n].name, binding.callee.name,
                     name, type->of),
         fmt::format("pass the '{}' that was obtained for the same object", name), {note(instance->acquired_at, "this one was obtained here")});
    return false;
  }
  return true;
}

/// The state after the arguments were accepted: classes recorded, private buffers filled, what is consumed gone.
bool Analyzer::record_call(State& state, ir::InsnIdx i, interface::FunctionIdx function, const Binding& binding) {
  if (!checking_) return true;
  CallFacts& facts = findings_.calls[i.value];
  if (facts.reachable && facts.host_function != function) {
    fail("E0213", i, fmt::format("{}() is called with one kind of map on one path and with another on another", binding.callee.name),
         "write one call for each");
    return false;
  }
  for (unsigned n = 0; facts.reachable && n < 5; ++n) {
    if (facts.arguments[n] == binding.classes[n] && facts.callbacks[n] == binding.callbacks[n]) continue;
    const Value& value = state.regs[n + 1];
    if (value.kind == Kind::stack) escape(state.frames[value.id].function);
    fail("E0213", i,
         fmt::format("argument {} ('{}') of {}() is host memory on one path and heap memory on another", n + 1, binding.callee.parameters[n].name,
                     binding.callee.name),
         "keep the two apart: inline the function that makes this call");
    return false;
  }
  facts.reachable = true;
  facts.host_function = function;
  facts.arguments = binding.classes;
  facts.callbacks = binding.callbacks;
  return true;
}

void Analyzer::fill_buffers(State& state, const Binding& binding) {
  for (const Binding::Fill& fill : binding.fills) {
    Stack& stack = state.frames[fill.frame].stack;
    if (fill.exact)
      stack.fill(fill.lo, static_cast<std::int32_t>(fill.bytes));
    else
      stack.write_somewhere(fill.lo, fill.hi, static_cast<std::int32_t>(fill.bytes));
  }
}

/// Objects that the function makes in the extension's stack.
void Analyzer::create_objects(State& state, ir::InsnIdx i, const Binding& binding) {
  for (const std::uint32_t n : binding.created) {
    const auto& type = std::get<interface::ObjectRef>(binding.callee.parameters[n].type);
    Instance made{.id = ++last_instance_, .type = type.type};
    if (declarations_.at(type.type).kind == interface::ObjectType::Kind::plain) made.hold = Instance::Hold::borrowed;
    if (made.owned()) made.tries = tries();
    made.typestate = first_state(type);
    made.acquired_at = made.stepped_at = i;
    if (const auto of = type.of.empty() ? std::nullopt : binding.instance(type.of)) made.of = *of;
    Value value;
    value.kind = Kind::object;
    value.type = type.type;
    value.id = made.id;
    value.origin = i;
    const Value& room = state.regs[n + 1];
    const auto at = static_cast<std::int32_t>(static_cast<std::int64_t>(state.number_of(room.scalar).constant_value()));
    state.frames[room.id].stack.write(at, static_cast<std::int32_t>(declarations_.at(type.type).stack_bytes), value);
    state.instances.push_back(std::move(made));
  }
}

/// Splits each state by each `on` clause and applies what then holds.
std::optional<std::vector<State>> Analyzer::apply_effects(State state, ir::InsnIdx i, const Binding& binding) {
  const auto& clauses = binding.callee.on;
  std::vector<std::pair<State, std::vector<bool>>> ways;
  ways.emplace_back(std::move(state), std::vector<bool>());
  for (const Conditional& clause : clauses) {
    std::vector<std::pair<State, std::vector<bool>>> split;
    for (auto& [way, holds] : ways) {
      for (const bool truth : {true, false}) {
        State copy = way;
        if (!assume_condition(copy, clause, truth, binding)) continue;
        split.emplace_back(std::move(copy), holds);
        split.back().second.push_back(truth);
      }
    }
    ways = std::move(split);
  }
  std::vector<State> results;
  for (auto& [way, holds] : ways) {
    if (!apply_way(way, i, binding, holds)) return std::nullopt;
    if (binding.callee.throws) throws_here(way, i);
    if (binding.callee.no_return) continue;
    after_call(way);
    results.push_back(std::move(way));
  }
  return results;
}

bool Analyzer::assume_condition(State& state, const Conditional& clause, bool truth, const Binding& binding) {
  const Conditional::Compare compare = truth ? clause.compare : opposite(clause.compare);
  const interface::Type& type = clause.parameter ? binding.callee.parameters[*clause.parameter].type : binding.callee.result;
  Value& subject = state.regs[clause.parameter ? *clause.parameter + 1 : 0];
  const auto* scalar = std::get_if<interface::Scalar>(&type);
  if (!scalar) {
    if (subject.is_zero()) return compare == Conditional::Compare::eq;
    return assume_null(state, subject, compare == Conditional::Compare::eq);
  }
  if (subject.kind != Kind::scalar) return true;
  const Number whole = state.number_of(subject.scalar);
  if (!number_of_type(*scalar).includes(whole)) return true;  // the host reads the low bits: which, is not known
  return assume_numbers(state, comparison(compare, scalar->is_signed), false, true, subject, nullptr, Value::constant(clause.value));
}

/// The effects on one way: those of the declaration, with what the conditions that hold put in their place.
bool Analyzer::apply_way(State& state, ir::InsnIdx i, const Binding& binding, const std::vector<bool>& holds) {
  const interface::Function& callee = binding.callee;
  std::vector<InstanceId> consumed = binding.consumed;
  std::vector<interface::ModeRef> enters = callee.enters, exits = callee.exits;
  std::vector<interface::LockRef> acquires = callee.acquires_locks, releases = callee.releases_locks;
  for (unsigned n = 0; n < callee.parameters.size(); ++n) {
    const auto* type = std::get_if<interface::ObjectRef>(&callee.parameters[n].type);
    if (type && type->next_state) step_typestate(state, i, binding.objects[n], *type->next_state);
  }
  for (std::size_t c = 0; c < callee.on.size(); ++c) {
    const Conditional& clause = callee.on[c];
    if (!holds[c]) continue;
    const InstanceId object = binding.objects[clause.object];
    switch (clause.effect) {
      case Conditional::Effect::state:
        step_typestate(state, i, object, clause.state);
        break;
      case Conditional::Effect::keeps:
        std::erase(consumed, object);
        break;
      case Conditional::Effect::consumes:
        if (!may_be_taken(state, i, object, binding)) return false;
        consumed.push_back(object);
        break;
      case Conditional::Effect::acquires:
        acquires.push_back(clause.lock);
        break;
      case Conditional::Effect::releases:
        releases.push_back(clause.lock);
        break;
      case Conditional::Effect::enters:
        enters.push_back(clause.mode);
        break;
      case Conditional::Effect::exits:
        exits.push_back(clause.mode);
        break;
    }
  }
  for (const interface::LockRef& lock : releases) {
    if (!release_lock(state, i, lock, binding)) return false;
  }
  for (const interface::ModeRef& mode : exits) {
    if (!exit_mode(state, i, mode, binding)) return false;
  }
  for (const InstanceId id : consumed) {
    if (id != kNoInstance && !give_back(state, i, id)) return false;
  }
  for (const interface::LockRef& lock : acquires) {
    if (!acquire_lock(state, i, lock, binding)) return false;
  }
  for (const interface::ModeRef& mode : enters) {
    if (!enter_mode(state, i, mode, binding)) return false;
  }
  return true;
}

bool Analyzer::may_be_taken(State& state, ir::InsnIdx i, InstanceId id, const Binding& binding) {
  const Instance* instance = id == kNoInstance ? nullptr : state.find_instance(id);
  if (instance && instance->owned()) return true;
  fail("E0306", i, fmt::format("{}() may take the object over, but this one is only borrowed", binding.callee.name), "pass only what you acquired");
  return false;
}

void Analyzer::step_typestate(State& state, ir::InsnIdx i, InstanceId id, interface::StateIdx next) {
  Instance* instance = id == kNoInstance ? nullptr : state.find_instance(id);
  if (!instance) return;
  instance->typestate = next;
  instance->stepped_at = i;
}

bool Analyzer::give_back(State& state, ir::InsnIdx i, InstanceId id) {
  const std::string& type = declarations_.at(state.find_instance(id)->type).name;
  if (!outer_is_told_apart(state, i, *state.find_instance(id))) return false;
  if (!no_lock_within(state, i, id, kNoScope, fmt::format("'{}' is given back", type))) return false;
  state.kill_instance(id, Value::Loss::released, i);
  return true;
}

/// What is new in the stack, the result in r0, and then, way by way, what is asked of the caller and what changes.
/// The header that the author compiled against wrote the function's line into the object (interface/header.cpp): it must be the host's line still.
/// What is proved rests on the host's line alone, but an author who meant another contract should hear that first.
bool Analyzer::is_as_compiled(ir::InsnIdx i, const interface::Function& callee, const ir::ExternFacts* facts) {
  constexpr std::string_view kTag = "tenon:";
  if (!facts || !facts->prototype) return true;
  const std::string now = interface::to_text(declarations_, callee);
  const auto is_another_kind = [&](const std::string& line) {  // the header has the first line of a name
    const auto first = declarations_.find_function(callee.name);
    return line == interface::to_text(declarations_, declarations_.at(*first));
  };
  for (const std::string& tag : facts->prototype->tags) {
    if (!tag.starts_with(kTag) || tag.substr(kTag.size()) == now || is_another_kind(tag.substr(kTag.size()))) continue;
    fail("E0413", i, fmt::format("the interface changed: {}() is not declared as it was when this object was compiled", callee.name),
         "make the header again (tenon interface header) and compile against it",
         {note(i, "compiled against: " + tag.substr(kTag.size())), note(i, "the host has:     " + now)});
    return false;
  }
  return true;
}

/// Of several lines with one name, the one for the map that is passed; the first when none is.
interface::FunctionIdx Analyzer::variant_for(const State& state, interface::FunctionIdx first) const {
  const auto takes = [&](const interface::Function& line) {
    for (std::size_t n = 0; n < line.parameters.size(); ++n) {
      const auto* map = std::get_if<interface::MapRef>(&line.parameters[n].type);
      const Value& passed = state.regs[n + 1];
      if (!map || !map->kind) continue;
      if (passed.kind != Kind::map ||
          std::ranges::find(declarations_.at(*map->kind).types, map_at(passed.id).kind) == declarations_.at(*map->kind).types.end())
        return false;
    }
    return true;
  };
  for (std::optional one = first; one; one = declarations_.next_variant(*one)) {
    if (takes(declarations_.at(*one))) return *one;
  }
  return first;
}

std::optional<std::vector<State>> Analyzer::call_host(State state, ir::InsnIdx i, std::uint32_t extern_index) {
  const std::string& name = program_.externs()[extern_index];
  const ir::ExternFacts* facts = program_.extern_facts(extern_index);
  if (facts && !facts->refusal.empty()) {
    fail("E0116", i, facts->refusal, "ask whether it is there before using it (bpf_core_field_exists()), or name another BTF with --btf");
    return std::nullopt;
  }
  auto function = declarations_.find_callee(name);
  if (function) function = variant_for(state, *function);
  if (!function) {
    const std::string near = nearest_name(declarations_, name);
    fail("E0410", i, fmt::format("the interface '{}' has no function '{}'", declarations_.file, name),
         near.empty() ? "call only functions that the interface declares" : fmt::format("did you mean {}()?", near));
    return std::nullopt;
  }
  const interface::Function& callee = declarations_.at(*function);
  if (!callee.hooks.empty() && std::ranges::find(callee.hooks, hook_.name) == callee.hooks.end()) {
    fail("E0410", i, fmt::format("{}() is not for programs of the hook '{}'", callee.name, hook_.name),
         fmt::format("it is for {}", fmt::join(callee.hooks, ", ")));
    return std::nullopt;
  }
  if (!is_as_compiled(i, callee, facts)) return std::nullopt;
  record_objects(state, i);
  Binding binding(declarations_.at(*function));
  if (!pass_arguments(state, i, binding) || !bind_scopes(state, i, binding) || !environment_allows(state, i, binding) ||
      !may_end_here(state, i, binding) || !record_call(state, i, *function, binding)) {
    return std::nullopt;
  }
  if (callee.catches) return run_try(std::move(state), i, binding);
  fill_buffers(state, binding);
  std::vector<State> called;
  called.push_back(std::move(state));
  for (unsigned n = 0; n < 5; ++n) {
    if (!binding.callbacks[n]) continue;
    const auto callback = std::get<interface::CallbackRef>(binding.callee.parameters[n].type).type;
    const auto& type = declarations_.at(callback);
    if (type.cleans && !cleans_only(i, *binding.callbacks[n])) return std::nullopt;
    if (type.later) {
      call_later({*binding.callbacks[n], callback, *function, i, binding.holders, binding.maps});
      continue;
    }
    std::vector<State> after;
    for (State& one : called) {
      auto results = run_callback(std::move(one), i, type, *binding.callbacks[n], binding);
      if (!results) return std::nullopt;
      std::move(results->begin(), results->end(), std::back_inserter(after));
    }
    called = std::move(after);
  }
  std::vector<State> results;
  for (State& one : called) {
    if (!survives_callbacks(one, i, binding)) return std::nullopt;
    fill_buffers(one, binding);  // once more: callbacks may have run before the host wrote
    for (const std::uint32_t n : binding.callee.moves) move_context(one, i, one.regs[n + 1]);
    if (!kill_previous_element(one, i, *function, binding)) return std::nullopt;
    create_objects(one, i, binding);
    one.reg(isa::Reg::r0) = host_result(one, i, binding);
    auto ways = apply_effects(std::move(one), i, binding);
    if (!ways) return std::nullopt;
    for (State& way : *ways) add_way(results, std::move(way), i);
  }
  for (const State& one : results) record_objects(one, i, true);
  return results;
}

/// Ways that differ in what is held stay apart: the result that the extension is about to test tells which it was.
void Analyzer::add_way(std::vector<State>& ways, State way, ir::InsnIdx i) {
  for (State& other : ways) {
    if (may_meet(other, way, i) && same_shape(other, way)) return join(other, std::move(way), merge_context(i));
  }
  ways.push_back(std::move(way));
}

/// What the arguments named is still there after the callbacks have run.
bool Analyzer::survives_callbacks(State& state, ir::InsnIdx i, const Binding& binding) {
  for (unsigned n = 0; n < binding.callee.parameters.size(); ++n) {
    const InstanceId id = binding.objects[n];
    if (id == kNoInstance || state.find_instance(id)) continue;
    fail("E0322", i, fmt::format("a callback of {}() gives back what is passed as '{}'", binding.callee.name, binding.callee.parameters[n].name),
         "give it back after the call");
    return false;
  }
  return true;
}

/// An iterator's element is borrowed until the next one is asked for.
bool Analyzer::kill_previous_element(State& state, ir::InsnIdx i, interface::FunctionIdx function, const Binding& binding) {
  for (const interface::Iterator& iterator : declarations_.iterators) {
    if (iterator.next != function || binding.objects[0] == kNoInstance) continue;
    if (!no_lock_within(state, i, binding.objects[0], kNoScope, "the iterator moves on")) return false;
    state.kill_dependents(binding.objects[0], i);
  }
  return true;
}

/// Objects that a function makes in the stack out of a context may lend parts of its memory.
bool Analyzer::is_made_from_context(interface::ObjectTypeIdx type) const {
  return std::ranges::any_of(declarations_.functions, [&](const interface::Function& f) {
    const auto makes = [&](const interface::Parameter& p) {
      const auto* object = std::get_if<interface::ObjectRef>(&p.type);
      return object && object->mode == interface::ObjectRef::Mode::create && object->type == type;
    };
    const auto is_context = [](const interface::Parameter& p) { return std::holds_alternative<interface::StructRef>(p.type); };
    return std::ranges::any_of(f.parameters, makes) && std::ranges::any_of(f.parameters, is_context);
  });
}

void Analyzer::move_context(State& state, ir::InsnIdx i, const Value& context) {
  if (context.kind != Kind::context) return;
  for (const Instance& instance : std::vector(state.instances)) {
    if (is_made_from_context(instance.type) && state.find_instance(instance.id)) state.kill_dependents(instance.id, i);
  }
  for (const RegionId id : range_regions_[context.id]) {
    std::vector<Symbol> symbols;
    for (std::size_t n = 0; n <= state.region(id).marks.size(); ++n) symbols.push_back(symbols_.next());
    state.renew_region(id, symbols, i);
  }
}

}  // namespace tenon::verify
