// SPDX-License-Identifier: Apache-2.0
// One host call against its line: what it is handed before it runs, what it changed after.
#include <fmt/format.h>

#include <algorithm>

#include "base/bug.hpp"
#include "engine/host_oracle/host_oracle.hpp"

namespace tenon::engine {

using interface::Conditional;
using interface::LockRef;
using interface::Mem;
using interface::ModeRef;
using interface::ObjectRef;

namespace {

const std::string& argument_name(const interface::Function& function, std::size_t i) { return function.parameters[i].name; }

bool is_null_allowed(const interface::Type& type) {
  if (const auto* object = std::get_if<ObjectRef>(&type)) return object->nullable;
  if (const auto* structure = std::get_if<interface::StructRef>(&type)) return structure->nullable;
  if (std::holds_alternative<Mem>(type)) return true;  // 0 may be meant as an address of the heap, which the runtime checks when the call happens
  if (const auto* callback = std::get_if<interface::CallbackRef>(&type)) return callback->nullable;
  return std::holds_alternative<interface::Scalar>(type) || std::holds_alternative<interface::Opaque>(type);
}

}  // namespace

// --- before ------------------------------------------------------------------------------------------------------------------------------------

void HostOracle::before_call(interface::FunctionIdx function, const Registers& arguments) {
  calls_.push_back({.function = &declarations_.at(function), .arguments = arguments, .began = last_hold_, .callbacks = callbacks_.size()});
  for (std::size_t i = 0; i < now().function->parameters.size(); ++i) check_argument(i);
  check_names();
  check_surroundings();
  consume_arguments();
}

void HostOracle::check_argument(std::size_t i) {
  const interface::Function& function = *now().function;
  const interface::Type& type = function.parameters[i].type;
  if (now().arguments[i] == 0 && !std::holds_alternative<interface::Scalar>(type)) {
    if (!is_null_allowed(type)) broken(fmt::format("passes null for '{}'", argument_name(function, i)));
    return;
  }
  if (const auto* object = std::get_if<ObjectRef>(&type))
    return object->mode == ObjectRef::Mode::create ? check_create(i, *object) : check_object(i, *object);
  if (const auto* scalar = std::get_if<interface::Scalar>(&type)) return check_scalar(i, *scalar);
  if (const auto* map = std::get_if<interface::MapRef>(&type)) return check_map(i, *map);
  if (const auto* structure = std::get_if<interface::StructRef>(&type)) check_struct(i, *structure);
  if (std::holds_alternative<interface::Text>(type) && is_secret(now().arguments[i], &interface::Escapes::heap))
    broken(fmt::format("passes for '{}' a host address, which is no text of its own", argument_name(function, i)));
}

void HostOracle::check_struct(std::size_t i, const interface::StructRef& declared) {
  const auto type = declared.is_context ? context_type() : std::optional(declared.type);
  if (type && memory_.is_struct(*type, now().arguments[i])) return;
  broken(fmt::format("passes for '{}' what is no live '{}'", argument_name(*now().function, i), type ? declarations_.at(*type).name : "context"));
}

/// `&hook`: the struct that this hook hands in.
std::optional<interface::StructIdx> HostOracle::context_type() const {
  for (const interface::Parameter& parameter : hook_->parameters) {
    if (const auto* structure = std::get_if<interface::StructRef>(&parameter.type)) return structure->type;
  }
  return std::nullopt;
}

void HostOracle::check_object(std::size_t i, const ObjectRef& declared) {
  const interface::ObjectType& type = declarations_.at(declared.type);
  const std::string& name = argument_name(*now().function, i);
  const auto id = lifetimes_.find(now().arguments[i], declared.type);
  if (!id) return broken(fmt::format("passes for '{}' what is no live '{}'", name, type.name));
  now().objects[i] = id;
  const Object& object = lifetimes_.object(*id);
  if (declared.state && object.state != declared.state) {
    broken(fmt::format("passes '{}' in state {}, not {}", name, object.state ? type.states[object.state->index()] : "none",
                       type.states[declared.state->index()]));
  }
}

void HostOracle::check_create(std::size_t i, const ObjectRef& declared) {
  const std::uint64_t address = now().arguments[i], bytes = declarations_.at(declared.type).stack_bytes;
  if (address % 8 != 0) broken(fmt::format("wants '{}' made at an address that is not aligned", argument_name(*now().function, i)));
  for (std::size_t o = 0; o < lifetimes_.objects().size(); ++o) {
    const Object& other = lifetimes_.objects()[o];
    const std::uint64_t size = declarations_.at(other.type).stack_bytes;
    if (size == 0 || address >= other.address + size || address + bytes <= other.address || !lifetimes_.valid(static_cast<ObjectId>(o))) continue;
    if (!end_plain(static_cast<ObjectId>(o))) broken(fmt::format("wants '{}' made over an object that lives there", argument_name(*now().function, i)));
  }
}

void HostOracle::check_scalar(std::size_t i, const interface::Scalar& declared) {
  const std::uint64_t value = now().arguments[i];
  if (!in_range(declared, value))
    broken(fmt::format("passes {} for '{}', outside its range", static_cast<std::int64_t>(value), argument_name(*now().function, i)));
  if (declared.bits == 64 && is_secret(value, &interface::Escapes::heap)) {
    broken(fmt::format("passes a host address as the number '{}'", argument_name(*now().function, i)));
  }
}

void HostOracle::check_map(std::size_t i, const interface::MapRef& declared) {
  const auto same = [&](const MapIdentity& map) { return map.address == now().arguments[i]; };
  const auto map = std::find_if(maps_.begin(), maps_.end(), same);
  const std::string& name = argument_name(*now().function, i);
  if (map == maps_.end()) return broken(fmt::format("passes for '{}' what is no map", name));
  const auto* types = declared.kind ? &declarations_.at(*declared.kind).types : nullptr;
  if (types != nullptr && std::ranges::find(*types, map->kind) == types->end())
    broken(fmt::format("passes for '{}' a map of the kind {}", name, map->kind));
  if (declared.key_bytes != 0 && map->key_bytes != declared.key_bytes) broken(fmt::format("passes for '{}' a map with other keys", name));
  if (declared.value_bytes != 0 && map->value_bytes != declared.value_bytes) broken(fmt::format("passes for '{}' a map with other values", name));
}

const std::optional<ObjectId>* HostOracle::Names::find(std::string_view name) const {
  const auto found = std::find_if(instances.begin(), instances.end(), [&](const auto& known) { return known.first == name; });
  return found == instances.end() ? nullptr : &found->second;
}

HostOracle::Names HostOracle::names_of(const Activation& call) const {
  Names names;
  for (std::size_t i = 0; i < call.function->parameters.size(); ++i) {
    const auto* object = std::get_if<ObjectRef>(&call.function->parameters[i].type);
    if (object == nullptr || !call.objects[i]) continue;
    if (!object->instance.empty() && names.find(object->instance) == nullptr) names.instances.emplace_back(object->instance, call.objects[i]);
  }
  for (std::size_t i = 0; i < call.function->parameters.size(); ++i) {
    const auto* object = std::get_if<ObjectRef>(&call.function->parameters[i].type);
    if (object == nullptr || !call.objects[i]) continue;
    const Object& passed = lifetimes_.object(*call.objects[i]);
    if (!object->of.empty() && names.find(object->of) == nullptr) names.instances.emplace_back(object->of, passed.of);
    if (!object->region.empty()) names.regions.emplace_back(object->region, passed.region);
  }
  for (const auto* list : {&call.function->in_modes, &call.function->exits}) {
    for (const ModeRef& mode : *list) {
      if (!mode.region.empty()) names.regions.emplace_back(mode.region, lifetimes_.region_of(mode.mode));
    }
  }
  return names;
}

void HostOracle::check_names() {
  const Names names = names_of(now());
  for (std::size_t i = 0; i < now().function->parameters.size(); ++i) {
    const auto* object = std::get_if<ObjectRef>(&now().function->parameters[i].type);
    if (object == nullptr || !now().objects[i]) continue;
    const std::string& name = argument_name(*now().function, i);
    if (const auto* same = object->instance.empty() ? nullptr : names.find(object->instance); same != nullptr && *same != now().objects[i]) {
      broken(fmt::format("passes for '{}' another object than the one called '{}", name, object->instance));
    }
    if (const auto* owner = object->of.empty() ? nullptr : names.find(object->of);
        owner != nullptr && *owner != lifetimes_.object(*now().objects[i]).of) {
      broken(fmt::format("passes for '{}' one that does not belong to '{}", name, object->of));
    }
  }
  for (const auto& [name, region] : names.regions) {
    const auto first =
        std::find_if(names.regions.begin(), names.regions.end(), [&, wanted = name](const auto& known) { return known.first == wanted; });
    const auto& [ignored, other] = *first;
    const bool same = region.has_value() == other.has_value() && (!region || (region->index == other->index && region->serial == other->serial));
    if (!same) broken(fmt::format("mixes what is valid in different regions, '{}", name));
  }
}

void HostOracle::check_surroundings() {
  const interface::Function& function = *now().function;
  for (const ModeRef& mode : function.in_modes) {
    if (lifetimes_.depth_of(mode.mode) == 0) broken("calls it outside mode " + declarations_.at(mode.mode).name);
  }
  for (const ModeRef& mode : function.not_in_modes) {
    if (lifetimes_.depth_of(mode.mode) != 0) broken("calls it in mode " + declarations_.at(mode.mode).name);
  }
  for (interface::ModeIdx mode(0); mode.index() < declarations_.modes.size(); ++mode.value) {
    if (lifetimes_.depth_of(mode) == 0) continue;
    const interface::Mode& declared = declarations_.at(mode);
    const auto names_it = [&](const std::vector<ModeRef>& modes) { return std::ranges::find(modes, mode, &ModeRef::mode) != modes.end(); };
    if (declared.excludes_calls && !names_it(function.exits) && !names_it(function.in_modes) && !names_it(function.allowed_in)) {
      broken("calls anything in mode " + declared.name);
    }
    if ((function.may_suspend && declared.excludes_suspend) || (function.may_sleep && declared.excludes_sleep)) {
      broken("calls what may wait in mode " + declared.name);
    }
  }
  if (function.may_end) check_nothing_held("calls what may end it", hook_->in_modes);
  for (const LockRef& lock : function.requires_locks) {
    const auto owner = owner_of(lock);
    if (!owner) continue;  // null was passed, or has been reported
    const bool held = lock.linked_type ? locks_.holds_one_of(lock.type, lock.field, *owner) : locks_.holds({*owner, lock.field});
    if (!held) broken("calls it without " + declarations_.at(lock.type).locks[lock.field].name);
  }
  if (!function.hooks.empty() && std::find(function.hooks.begin(), function.hooks.end(), hook_->name) == function.hooks.end()) {
    broken("calls it from hook " + hook_->name);
  }
}

std::optional<ObjectId> HostOracle::owner_of(const LockRef& lock) const {
  const Names names = names_of(now());
  const auto* found = names.find(lock.instance);
  return found == nullptr ? std::nullopt : *found;
}

void HostOracle::take_reference(std::size_t i) {
  if (!now().objects[i]) return;
  Object& object = lifetimes_.object(*now().objects[i]);
  if (object.owned == 0) return broken(fmt::format("gives away '{}', which it does not own", argument_name(*now().function, i)));
  --object.owned;
  now().taken[i] = let_go({.object = *now().objects[i]});
  now().consumed[i] = true;
}

/// What leaves the extension's hands before the host's code runs.
void HostOracle::consume_arguments() {
  const interface::Function& function = *now().function;
  for (const LockRef& lock : function.releases_locks) release(lock);
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const auto* object = std::get_if<ObjectRef>(&function.parameters[i].type);
    if (object != nullptr && object->mode == ObjectRef::Mode::own) take_reference(i);
  }
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const auto* object = std::get_if<ObjectRef>(&function.parameters[i].type);
    if (object == nullptr || object->mode != ObjectRef::Mode::borrow || !now().objects[i] || lifetimes_.valid(*now().objects[i])) continue;
    broken(fmt::format("gives away and lends '{}' in one call", argument_name(function, i)));
  }
}

// --- after -------------------------------------------------------------------------------------------------------------------------------------

void HostOracle::after_call(std::uint64_t r0) {
  const interface::Function& function = *now().function;
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {  // a callback may have given away what this call borrows
    const auto* object = std::get_if<ObjectRef>(&function.parameters[i].type);
    if (object == nullptr || object->mode != ObjectRef::Mode::borrow || !now().objects[i] || lifetimes_.valid(*now().objects[i])) continue;
    broken(fmt::format("gave away '{}' while the call still borrowed it", argument_name(function, i)));
  }
  settle_held(r0);
  settle_states(r0);
  settle_conditions(r0);
  for (const interface::Iterator& iterator : declarations_.iterators) {
    if (iterator.next && &declarations_.at(*iterator.next) == &function && now().objects[0]) ++lifetimes_.object(*now().objects[0]).steps;
  }
  note_created();
  note_moves();
  note_result(r0);
  if (const std::string wrong = locks_.lost(); !wrong.empty()) broken(wrong);
  calls_.pop_back();
}

bool HostOracle::condition_holds(const Conditional& clause, std::uint64_t r0) const {
  const interface::Type& type = clause.parameter ? now().function->parameters[*clause.parameter].type : now().function->result;
  const std::uint64_t whole = clause.parameter ? now().arguments[*clause.parameter] : r0;
  const auto* scalar = std::get_if<interface::Scalar>(&type);
  const auto compare = [&](auto left, auto right) {
    switch (clause.compare) {
      case Conditional::Compare::eq:
        return left == right;
      case Conditional::Compare::ne:
        return left != right;
      case Conditional::Compare::lt:
        return left < right;
      case Conditional::Compare::le:
        return left <= right;
      case Conditional::Compare::gt:
        return left > right;
      case Conditional::Compare::ge:
        return left >= right;
    }
    base::bug("a comparison that does not exist");
  };
  const unsigned drop = scalar == nullptr ? 0 : 64u - scalar->bits;
  if (scalar != nullptr && scalar->is_signed) {
    return compare(static_cast<std::int64_t>(whole << drop) >> drop, static_cast<std::int64_t>(clause.value));
  }
  return compare(whole << drop >> drop, clause.value);
}

void HostOracle::settle_held(std::uint64_t r0) {
  for (const Conditional& clause : now().function->on) {
    if (clause.effect != Conditional::Effect::keeps || !now().consumed[clause.object] || !condition_holds(clause, r0)) continue;
    ++lifetimes_.object(*now().objects[clause.object]).owned;
    const Hold& kept = now().taken[clause.object];  // as old as it was
    holds_.insert(std::ranges::upper_bound(holds_, kept.serial, {}, &Hold::serial), kept);
    now().consumed[clause.object] = false;
  }
}

void HostOracle::settle_states(std::uint64_t r0) {
  const interface::Function& function = *now().function;
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const auto* object = std::get_if<ObjectRef>(&function.parameters[i].type);
    if (object == nullptr || !now().objects[i]) continue;
    auto next = object->next_state;
    for (const Conditional& clause : function.on) {
      if (clause.effect == Conditional::Effect::state && clause.object == i && condition_holds(clause, r0)) next = clause.state;
    }
    if (next) lifetimes_.object(*now().objects[i]).state = next;
  }
}

void HostOracle::settle_conditions(std::uint64_t r0) {
  using Effect = Conditional::Effect;
  const interface::Function& function = *now().function;
  for (const Conditional& clause : function.on) {
    if (!condition_holds(clause, r0)) continue;
    switch (clause.effect) {
      case Effect::state:
      case Effect::keeps:
        break;
      case Effect::consumes:
        take_reference(clause.object);
        break;
      case Effect::acquires:
        acquire(clause.lock);
        break;
      case Effect::releases:
        release(clause.lock);
        break;
      case Effect::enters:
        enter_mode(clause.mode.mode);
        break;
      case Effect::exits:
        exit_mode(clause.mode);
        break;
    }
  }
  for (const ModeRef& mode : function.exits) exit_mode(mode);
  for (const LockRef& lock : function.acquires_locks) acquire(lock);
  for (const ModeRef& mode : function.enters) enter_mode(mode.mode);
}

void HostOracle::acquire(const LockRef& lock) {
  const auto owner = owner_of(lock);
  if (!owner) return;
  if (const std::string wrong = locks_.acquire({*owner, lock.field}); !wrong.empty()) broken(wrong);
  hold({.kind = Hold::Kind::lock, .object = *owner, .field = lock.field});
}

void HostOracle::release(const LockRef& lock) {
  const auto owner = owner_of(lock);
  if (!owner) return;
  if (const std::string wrong = locks_.release({*owner, lock.field}); !wrong.empty()) broken(wrong);
  let_go({.kind = Hold::Kind::lock, .object = *owner, .field = lock.field});
}

void HostOracle::enter_mode(interface::ModeIdx mode) {
  if (const std::string wrong = excluded(declarations_, lifetimes_, mode); !wrong.empty()) broken(wrong);
  lifetimes_.enter_mode(mode);
  hold({.kind = Hold::Kind::mode, .mode = mode});
}

void HostOracle::exit_mode(const ModeRef& mode) {
  if (lifetimes_.depth_of(mode.mode) == 0) broken("leaves mode " + declarations_.at(mode.mode).name + ", in which it is not");
  lifetimes_.leave_mode(mode.mode);
  let_go({.kind = Hold::Kind::mode, .mode = mode.mode});
}

void HostOracle::note_created() {
  const interface::Function& function = *now().function;
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const auto* object = std::get_if<ObjectRef>(&function.parameters[i].type);
    if (object == nullptr || object->mode != ObjectRef::Mode::create || now().arguments[i] == 0) continue;
    const ObjectId id = lifetimes_.add(now().arguments[i], object->type);
    Object& made = lifetimes_.object(id);
    if (declarations_.at(object->type).kind == interface::ObjectType::Kind::plain) {
      made.loans.push_back({});
    } else {
      made.owned = 1;
      hold({.object = id});
    }
    if (!declarations_.at(object->type).states.empty()) made.state = object->state.value_or(interface::StateIdx(0));
    now().objects[i] = id;
  }
}

void HostOracle::note_moves() {
  for (const std::uint32_t i : now().function->moves) {
    const auto* structure = std::get_if<interface::StructRef>(&now().function->parameters[i].type);
    const auto type = structure == nullptr ? std::nullopt : structure->is_context ? context_type() : std::optional(structure->type);
    if (type) memory_.moved(*type, now().arguments[i]);
  }
}

Loan HostOracle::loan_for_result(const std::string& of, const std::string& region) const {
  const interface::Function& function = *now().function;
  const Names names = names_of(now());
  Loan loan;
  for (const auto& [name, where] : names.regions) {
    if (where && (name == region || name == of)) loan.push_back(*where);
  }
  if (!of.empty()) {
    if (const auto* owner = names.find(of); owner != nullptr && *owner) loan.push_back({Anchor::Kind::object, **owner, 0});
  } else if (region.empty()) {
    for (std::size_t i = 0; i < function.parameters.size(); ++i) {
      const auto* object = std::get_if<ObjectRef>(&function.parameters[i].type);
      if (object == nullptr || object->mode != ObjectRef::Mode::borrow || !now().objects[i]) continue;
      if (lifetimes_.object(*now().objects[i]).lent_by_hook == 0) loan.push_back({Anchor::Kind::object, *now().objects[i], 0});
    }
  }
  for (const interface::Iterator& iterator : declarations_.iterators) {  // the next step ends what this one gave
    if (!iterator.next || &declarations_.at(*iterator.next) != &function || !now().objects[0]) continue;
    loan.push_back({Anchor::Kind::step, *now().objects[0], lifetimes_.object(*now().objects[0]).steps});
  }
  return loan;
}

void HostOracle::note_result(std::uint64_t r0) {
  if (r0 == 0) return;
  const interface::Type& type = now().function->result;
  if (const auto* object = std::get_if<ObjectRef>(&type)) return note_object(*object, r0);
  if (const auto* mem = std::get_if<Mem>(&type)) {
    memory_.add({r0, memory_bytes(*mem), mem->access, loan_for_result(mem->of, {}), {}, false, {}, now().function->may_escape});
  } else if (const auto* structure = std::get_if<interface::StructRef>(&type)) {
    memory_.add_struct(structure->type, r0, structure->of.empty() ? Loan{} : loan_for_result(structure->of, {}), now().function->may_escape);
  }
}

void HostOracle::note_object(const ObjectRef& declared, std::uint64_t r0) {
  const interface::ObjectType& type = declarations_.at(declared.type);
  const Names names = names_of(now());
  const auto* again = declared.instance.empty() ? nullptr : names.find(declared.instance);
  if (again != nullptr && *again) base::ensure(lifetimes_.object(**again).address == r0, "the host gave another object than the one it named");
  const auto known = again != nullptr && *again ? *again : lifetimes_.find(r0, declared.type);
  const ObjectId id = known ? *known : lifetimes_.add(r0, declared.type);
  if (!known || declared.state) {
    if (!type.states.empty()) lifetimes_.object(id).state = declared.state.value_or(interface::StateIdx(0));
  }
  if (!declared.of.empty()) {
    if (const auto* owner = names.find(declared.of)) lifetimes_.object(id).of = *owner;
  }
  for (const auto& [name, where] : names.regions) {
    if (!declared.region.empty() && name == declared.region) lifetimes_.object(id).region = where;
  }
  if (declared.mode == ObjectRef::Mode::own) {
    ++lifetimes_.object(id).owned;
    hold({.object = id});
  } else if (again == nullptr) {
    Loan loan = loan_for_result(declared.of, declared.region);
    lifetimes_.object(id).loans.push_back(std::move(loan));
  }
  const Loan with_it{Anchor{Anchor::Kind::object, id, 0}};
  if (type.view && !known) memory_.add_struct(*type.view, r0, with_it);
  if (declared.memory) memory_.add({r0, memory_bytes(*declared.memory), declared.memory->access, with_it, {}, false, {}, now().function->may_escape});
  if (!known) lifetimes_.object(id).escapes = now().function->may_escape;
}

std::uint64_t HostOracle::memory_bytes(const Mem& declared) const {
  std::uint64_t element = declared.element_bytes;
  if (declared.part != Mem::MapPart::none) {
    const auto map =
        std::find_if(maps_.begin(), maps_.end(), [&](const MapIdentity& m) { return m.address == now().arguments[declared.map_parameter]; });
    if (map != maps_.end()) element = declared.part == Mem::MapPart::key ? map->key_bytes : map->value_bytes;
  }
  if (!declared.count_parameter) return declared.count.value_or(1) * element;
  const auto& type = std::get<interface::Scalar>(now().function->parameters[*declared.count_parameter].type);
  const std::uint64_t count = now().arguments[*declared.count_parameter] << (64u - type.bits) >> (64u - type.bits);
  return (count * declared.count_factor + declared.count_addend) * element;
}

}  // namespace tenon::engine
