// SPDX-License-Identifier: Apache-2.0
#include "runtime/site.hpp"

#include <algorithm>
#include <mutex>
#include <set>
#include <variant>

#include "base/bug.hpp"
#include "runtime/host_call.hpp"
#include "runtime/lock_builtins.hpp"
#include "runtime/parking.hpp"
#include "runtime/promises.hpp"

namespace tenon::runtime {

namespace {

using interface::Declarations;
using interface::Function;
using interface::ObjectRef;

std::uint64_t mask_of(const interface::Type& type) {
  const auto* scalar = std::get_if<interface::Scalar>(&type);
  return scalar == nullptr || scalar->bits >= 64 ? ~0ull : (1ull << scalar->bits) - 1;
}

MemParameter describe(const Function& function, std::size_t index, const interface::Mem& mem) {
  MemParameter parameter;
  parameter.index = static_cast<std::uint8_t>(index);
  parameter.element_bytes = mem.element_bytes;
  parameter.constant_count = mem.count.value_or(1);
  if (mem.count_parameter) {
    parameter.count_parameter = static_cast<std::uint8_t>(*mem.count_parameter);
    parameter.count_mask = mask_of(function.parameters[*mem.count_parameter].type);
  }
  parameter.in_place = mem.shared;
  parameter.copy_in = mem.access != interface::Access::uninit;  // `w` too: what the host function leaves alone must stay as it was
  parameter.copy_out = interface::may_write(mem.access);
  parameter.nullable = mem.nullable;
  return parameter;
}

std::optional<std::uint8_t> parameter_named(const Function& function, const std::string& instance) {
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const auto* object = std::get_if<ObjectRef>(&function.parameters[i].type);
    if (object != nullptr && object->instance == instance) return static_cast<std::uint8_t>(i);
  }
  return std::nullopt;
}

Condition condition_of(const Function& function, const interface::Conditional& clause) {
  Condition condition;
  if (clause.parameter) condition.parameter = static_cast<std::uint8_t>(*clause.parameter);
  condition.compare = clause.compare;
  condition.value = clause.value;
  const interface::Type& subject = clause.parameter ? function.parameters[*clause.parameter].type : function.result;
  if (const auto* scalar = std::get_if<interface::Scalar>(&subject)) {
    condition.bits = scalar->bits;
    condition.is_signed = scalar->is_signed;
  }
  return condition;
}

bool in_stack(const interface::ObjectType& type) { return type.stack_bytes != 0 && !type.builtin; }

/// Objects of the type are in the extension's stack or the host's, and a pointer does not say which.
bool may_be_either(const Declarations& declarations, interface::ObjectTypeIdx type) {
  for (interface::ObjectTypeIdx derived(0u); derived.index() < declarations.object_types.size(); ++derived.value) {
    if (declarations.is_a(derived, type) && in_stack(declarations.at(derived)) != in_stack(declarations.at(type))) return true;
  }
  return false;
}

/// What the host can hand to a function of the extension: it has no maps, and no objects that live in the extension's stack.
bool is_lent_here(const Declarations& declarations, const interface::Type& type) {
  const auto* object = std::get_if<ObjectRef>(&type);
  return !std::holds_alternative<interface::MapRef>(type) && (object == nullptr || !in_stack(declarations.at(object->type)));
}

/// A plain object in the stack is over without anybody saying so: what it lends, or what uses it while the extension runs, could outlive the host's bytes.
bool lends_from_plain_in_stack(const Declarations& declarations, const Function& function) {
  const auto is_plain_in_stack = [&](const interface::Parameter& parameter) {
    const auto* object = std::get_if<ObjectRef>(&parameter.type);
    return object != nullptr && in_stack(declarations.at(object->type)) && declarations.at(object->type).kind == interface::ObjectType::Kind::plain;
  };
  const auto is_callback = [](const interface::Parameter& parameter) { return std::holds_alternative<interface::CallbackRef>(parameter.type); };
  const bool gives_pointer = !std::holds_alternative<interface::Nothing>(function.result) && !std::holds_alternative<interface::Scalar>(function.result);
  return std::ranges::any_of(function.parameters, is_plain_in_stack) && (gives_pointer || std::ranges::any_of(function.parameters, is_callback));
}

/// What this build cannot run, only verify.
bool runs_here(const Declarations& declarations, const Function& function) {
  if (lends_from_plain_in_stack(declarations, function)) return false;
  for (const interface::Parameter& parameter : function.parameters) {
    const auto* object = std::get_if<ObjectRef>(&parameter.type);
    const auto* callback = std::get_if<interface::CallbackRef>(&parameter.type);
    if (std::holds_alternative<interface::MapRef>(parameter.type)) return false;
    if (callback != nullptr && !std::ranges::all_of(declarations.at(callback->type).parameters, [&](const auto& type) { return is_lent_here(declarations, type); }))
      return false;
    if (std::holds_alternative<interface::Text>(parameter.type))
      return false;  // the extension may overwrite its constants, and the zero at their end
    if (object != nullptr && may_be_either(declarations, object->type)) return false;
  }
  return true;
}

}  // namespace

std::optional<std::uint64_t> length_of(const MemParameter& parameter, const Registers& registers) {
  const std::uint64_t count = parameter.count_parameter ? registers[*parameter.count_parameter] & parameter.count_mask : parameter.constant_count;
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(count, parameter.element_bytes, &bytes)) return std::nullopt;
  return bytes;
}

RecordEffect CallTable::object_effect(interface::ObjectTypeIdx type, std::size_t parameter) const {
  return {&objects_[type.index()], kinds_[type.index()], static_cast<std::uint8_t>(parameter), {}, false};
}

RecordEffect CallTable::lock_effect(const Function& function, const interface::LockRef& lock) const {
  return {&locks_[lock.type.index()][lock.field], {}, parameter_named(function, lock.instance), {}, false};
}

void CallTable::add_condition_effects(const Function& function, Callee& callee) const {
  using Effect = interface::Conditional::Effect;
  for (const interface::Conditional& clause : function.on) {
    RecordEffect effect{nullptr, {}, static_cast<std::uint8_t>(clause.object), condition_of(function, clause), false};
    switch (clause.effect) {
      case Effect::state:
        break;
      case Effect::keeps:
        for (RecordEffect& consumption : callee.releases) {
          if (consumption.parameter == effect.parameter) consumption.when = effect.when, consumption.inverted = true;
        }
        break;
      case Effect::consumes:
        effect.drop = object_effect(std::get<ObjectRef>(function.parameters[clause.object].type).type, clause.object).drop;
        effect.kinds = object_effect(std::get<ObjectRef>(function.parameters[clause.object].type).type, clause.object).kinds;
        callee.releases.push_back(effect);
        break;
      case Effect::acquires:
      case Effect::releases:
        effect.drop = lock_effect(function, clause.lock).drop;
        effect.parameter = lock_effect(function, clause.lock).parameter;
        (clause.effect == Effect::acquires ? callee.acquires : callee.releases).push_back(effect);
        break;
      case Effect::enters:
      case Effect::exits:
        effect.drop = &modes_[clause.mode.mode.index()];
        effect.parameter.reset();
        (clause.effect == Effect::enters ? callee.acquires : callee.releases).push_back(effect);
        break;
    }
  }
}

void CallTable::describe_parking(const Declarations& declarations, const Function& function, Callee& callee) const {
  const auto& object = std::get<ObjectRef>(function.parks ? function.parameters[0].type : function.result);
  if (!declarations.at(object.type).parkable) return;
  callee.builtin = function.parks ? &park_object : &take_object;
  callee.parked_type = object.type.value;
  callee.parked_drop = &objects_[object.type.index()];
}

Callee CallTable::describe(const Declarations& declarations, const Function& function, const HostFunction& binding) const {
  Callee callee;
  callee.name = function.name;
  callee.entry = binding.entry;
  callee.interruptible = function.interruptible;
  callee.throws = function.throws;
  if (function.builtin) {
    callee.builtin = find_builtin(function.name);
    if (callee.builtin == nullptr) callee.entry = find_direct_builtin(function.name);
    if (!callee.bound()) describe_parking(declarations, function, callee);
  }
  callee.takes_locks = function.builtin && is_lock_builtin(function.name);
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const interface::Type& type = function.parameters[i].type;
    if (const auto* mem = std::get_if<interface::Mem>(&type)) callee.memory.push_back(runtime::describe(function, i, *mem));
    if (const auto* callback = std::get_if<interface::CallbackRef>(&type)) {
      const bool later = declarations.at(callback->type).later;
      callee.callbacks.push_back({static_cast<std::uint8_t>(i), later ? std::optional(callback->type.value) : std::nullopt});
    }
    const auto* object = std::get_if<ObjectRef>(&type);
    if (object == nullptr || declarations.at(object->type).builtin) continue;
    const interface::ObjectType& declared = declarations.at(object->type);
    const bool creates = object->mode == ObjectRef::Mode::create;
    if (in_stack(declared)) callee.in_stack.push_back({static_cast<std::uint8_t>(i), declared.stack_bytes, creates, declared.kind != interface::ObjectType::Kind::plain});
    if (creates && declared.kind != interface::ObjectType::Kind::plain) callee.acquires.push_back(object_effect(object->type, i));
    if (object->mode == ObjectRef::Mode::own) callee.releases.push_back(object_effect(object->type, i));
  }
  for (const interface::LockRef& lock : function.releases_locks) callee.releases.push_back(lock_effect(function, lock));
  for (const interface::ModeRef& mode : function.exits) callee.releases.push_back({&modes_[mode.mode.index()], {}, {}, {}, false});
  for (const interface::LockRef& lock : function.acquires_locks) callee.acquires.push_back(lock_effect(function, lock));
  for (const interface::ModeRef& mode : function.enters) callee.acquires.push_back({&modes_[mode.mode.index()], {}, {}, {}, false});
  add_condition_effects(function, callee);
  base::ensure(callee.releases.size() <= kMaxRecordEffects, "more effects than the parser lets a line have");
  if (const auto* object = std::get_if<ObjectRef>(&function.result)) {
    callee.result_may_be_null = object->nullable;
    if (object->mode == ObjectRef::Mode::own) callee.result = &objects_[object->type.index()];
  } else if (const auto* mem = std::get_if<interface::Mem>(&function.result)) {
    callee.result_may_be_null = mem->nullable;
  } else if (const auto* structure = std::get_if<interface::StructRef>(&function.result)) {
    callee.result_may_be_null = structure->nullable;
  }
  return callee;
}

CallTable::CallTable(const Declarations& declarations, const std::vector<HostFunction>& bindings, bool check_host) {
  const auto binding = [&](std::size_t function) { return function < bindings.size() ? bindings[function] : HostFunction{}; };
  const auto entry = [&](const std::optional<interface::FunctionIdx>& function) { return function ? binding(function->index()).entry : nullptr; };
  for (const interface::ObjectType& type : declarations.object_types) {
    objects_.push_back({Drop::Kind::object, entry(type.drop)});
    objects_.back().in_stack = in_stack(type);
    std::vector<Drop>& locks = locks_.emplace_back();
    for (const interface::LockField& lock : type.locks) locks.push_back({Drop::Kind::lock, entry(lock.unlock)});
  }
  kinds_.resize(objects_.size());
  for (interface::ObjectTypeIdx derived(0u); derived.index() < objects_.size(); ++derived.value) {
    for (interface::ObjectTypeIdx base(0u); base.index() < objects_.size(); ++base.value) {
      if (derived != base && declarations.is_a(derived, base)) kinds_[base.index()].push_back(&objects_[derived.index()]);
    }
  }
  for (const interface::Callback& callback : declarations.callbacks) callback_gives_.push_back(!std::holds_alternative<interface::Nothing>(callback.result));
  for (const interface::Mode& mode : declarations.modes) modes_.push_back({Drop::Kind::mode, entry(mode.leave)});
  for (std::size_t i = 0; i < declarations.functions.size(); ++i) {
    callees_.push_back(describe(declarations, declarations.functions[i], binding(i)));
    if (check_host && !declarations.functions[i].builtin) callees_.back().promises = promises_of(declarations, declarations.functions[i]);
    callees_.back().missing = what_is_missing(declarations, declarations.functions[i], callees_.back());
  }
}

std::string CallTable::what_is_missing(const Declarations& declarations, const Function& function, const Callee& callee) const {
  if (!callee.bound() || !runs_here(declarations, function)) return callee.name;
  if (callee.result != nullptr && callee.result->entry == nullptr) return declarations.at(std::get<ObjectRef>(function.result).type).drop_name;
  for (const RecordEffect& effect : callee.acquires) {
    if (effect.drop->entry == nullptr) return "the function that undoes " + callee.name;
  }
  return {};
}

namespace {

using Target = void (*)();

/// The shortest way to the host function that does all that the call needs.
Target target_of(const Callee& callee, const abi::CallSite& call) {
  const bool plain = callee.builtin == nullptr && call.heap_arguments == 0 && callee.in_stack.empty() && callee.promises == nullptr && callee.callbacks.empty() &&
                     !callee.interruptible && callee.acquires.empty();
  const bool nothing_recorded = callee.releases.empty() && callee.result == nullptr;
  if (plain && nothing_recorded && callee.result_may_be_null) return reinterpret_cast<Target>(callee.entry);
  if (plain && callee.releases.empty() && callee.result != nullptr) return reinterpret_cast<Target>(&tenon_acquire_call);
  const auto takes_one_object = [&] {
    const RecordEffect& effect = callee.releases.front();
    return effect.parameter == 0 && !effect.when && effect.drop->kind == Drop::Kind::object;
  };
  if (plain && callee.result == nullptr && callee.result_may_be_null && callee.releases.size() == 1 && takes_one_object())
    return reinterpret_cast<Target>(&tenon_release_call);
  return reinterpret_cast<Target>(&tenon_checked_call);
}

}  // namespace

const char* keep_forever(std::string_view text) {
  static std::mutex mutex;
  static auto* const kept = new std::set<std::string, std::less<>>;
  const std::lock_guard lock(mutex);
  const auto found = kept->find(text);
  return (found != kept->end() ? found : kept->emplace(text).first)->c_str();
}

Site make_site(const CallTable& table, const abi::CallSite& call, std::string_view file, std::uint32_t line) {
  const Callee& callee = table.callee(call.host_function);
  Site site;
  site.target = target_of(callee, call);
  site.instruction = call.instruction;
  site.heap_arguments = call.heap_arguments;
  site.callee = &callee;
  site.entry = callee.entry;
  site.drop = callee.result != nullptr ? callee.result : !callee.releases.empty() ? callee.releases.front().drop : nullptr;
  if (callee.takes_locks) {
    site.target = reinterpret_cast<void (*)()>(&tenon_lock_call);
    site.file = keep_forever(file);
    site.line = line;
  }
  return site;
}

}  // namespace tenon::runtime
