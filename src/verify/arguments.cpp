// SPDX-License-Identifier: Apache-2.0
// Arguments of host calls against the types of their parameters.
#include <fmt/format.h>

#include <algorithm>

#include "base/bug.hpp"
#include "verify/call_binding.hpp"

namespace tenon::verify {

using Kind = Value::Kind;

namespace {

std::string argument_name(const interface::Function& callee, unsigned n) {
  return fmt::format("argument {} ('{}') of {}()", n + 1, callee.parameters[n].name, callee.name);
}

bool within_type(const Number& number, const interface::Scalar& type) {
  const Word full = Word::unknown(type.bits);
  const bool any =
      type.is_signed ? type.lo == full.smin() && static_cast<std::int64_t>(type.hi) == full.smax() : type.lo == 0 && type.hi == full.umax();
  if (any) return true;  // the host reads the low bits
  const Word word = type.bits == 64 ? number.whole() : type.bits == 32 ? number.low() : number.whole().truncated(type.bits);
  return type.is_signed ? word.smin() >= type.lo && word.smax() <= static_cast<std::int64_t>(type.hi)
                        : word.umin() >= static_cast<std::uint64_t>(type.lo) && word.umax() <= type.hi;
}

}  // namespace

/// The value points at a field of the type, which only the host's functions touch.
bool Analyzer::is_field(const Value& value, const Region& region, interface::ObjectTypeIdx type) const {
  if (region.map == 0 || !value.scalar.form.is_constant()) return false;
  const auto& fields = map_at(region.map - 1).fields;
  return std::ranges::any_of(fields, [&](const ir::SpecialField& f) { return f.offset == value.scalar.form.constant() && type_of(f) == type; });
}

/// The object that a pointer stands for: its own, the one whose bytes it points to, or the one that lives at that place of the stack.
InstanceId Analyzer::object_of(const State& state, const Value& value, interface::ObjectTypeIdx type) const {
  switch (value.kind) {
    case Kind::object:
      return declarations_.is_a(value.type, type) ? value.id : kNoInstance;
    case Kind::memory: {
      const Region& region = state.region(value.id);
      if (region.map != 0) return is_field(value, region, type) ? region.object : kNoInstance;
      const Instance* instance = state.find_instance(region.object);
      return instance && declarations_.is_a(instance->type, type) && value.scalar.form == Linear(0) ? instance->id : kNoInstance;
    }
    case Kind::stack: {
      const Number offset = state.number_of(value.scalar);
      if (!offset.is_constant()) return kNoInstance;
      const auto at = static_cast<std::int64_t>(offset.constant_value());
      if (at < -kMaxFrameBytes || at >= 0) return kNoInstance;
      const Stack::Slot* slot = state.frames[value.id].stack.starting_at(static_cast<std::int32_t>(at));
      const bool lives_here = slot && slot->value.kind == Kind::object && declarations_.at(slot->value.type).stack_bytes != 0;
      const bool is_one = lives_here && declarations_.is_a(slot->value.type, type);
      return is_one ? slot->value.id : kNoInstance;
    }
    default:
      return kNoInstance;
  }
}

bool Analyzer::pass_object(State& state, ir::InsnIdx i, unsigned n, const interface::ObjectRef& type, Binding& binding) {
  const interface::Function& callee = binding.callee;
  Value* value = use(state, i, static_cast<isa::Reg>(n + 1));
  if (!value) return false;
  binding.classes[n] = ArgClass::object;
  if (type.mode == interface::ObjectRef::Mode::create) return pass_room(state, i, n, *value, type, binding);
  const interface::ObjectType& declared = declarations_.at(type.type);
  if (value->is_zero() && type.nullable) return true;
  const InstanceId id = object_of(state, *value, type.type);
  const bool plain_pointer = (value->kind == Kind::object && declarations_.is_a(value->type, type.type)) ||
                             (value->kind == Kind::memory && is_field(*value, state.region(value->id), type.type));
  if (id == kNoInstance && !plain_pointer) {
    fail("E0302", i,
         fmt::format("{} must be {} '{}'{}, this is {}", argument_name(callee, n), declared.stack_bytes != 0 ? "an initialised" : "a pointer to",
                     declared.name, declared.field_bytes != 0 ? " in a map's value" : "", describe(*value)),
         declared.field_bytes != 0 ? "pass the address of the field in a value that was looked up" : "pass the pointer that the host handed out",
         {note(value->origin, "it comes from here")});
    return false;
  }
  if (!is_held(state, i, n, *value, id, type.nullable, binding)) return false;
  binding.objects[n] = id;
  if (!type.instance.empty()) {
    if (value->kind == Kind::memory && state.region(value->id).map != 0) binding.holders.try_emplace(type.instance, state.region(value->id).map - 1);
    const auto [known, fresh] = binding.instances.try_emplace(type.instance, id);
    if (!fresh && (known->second != id || id == kNoInstance)) {
      fail("E0305", i, fmt::format("{} must be the same '{}' as an argument before it", argument_name(callee, n), declared.name),
           "pass the same pointer");
      return false;
    }
  }
  if (!in_required_state(state, i, n, type, id, binding)) return false;
  const bool owns = type.mode == interface::ObjectRef::Mode::own;
  if (id != kNoInstance && (std::ranges::find(binding.consumed, id) != binding.consumed.end() ||
                            (owns && std::ranges::find(binding.borrowed, id) != binding.borrowed.end()))) {
    fail("E0304", i, fmt::format("{} is given away by the same call", argument_name(callee, n)), "pass each object once");
    return false;
  }
  if (!owns) {
    if (id != kNoInstance) binding.borrowed.push_back(id);
    return true;
  }
  const Instance* instance = id == kNoInstance ? nullptr : state.find_instance(id);
  if (!instance || !instance->owned()) {
    fail("E0306", i, fmt::format("{} takes an object over, but this one is only borrowed", argument_name(callee, n)),
         "give back only what you acquired", {note(value->origin, "it comes from here")});
    return false;
  }
  binding.consumed.push_back(id);
  return true;
}

/// The pointer is no null that the parameter does not take, and the object is held on every path to here.
bool Analyzer::is_held(State& state, ir::InsnIdx i, unsigned n, const Value& value, InstanceId id, bool null_allowed, const Binding& binding) {
  const Instance* instance = id == kNoInstance ? nullptr : state.find_instance(id);
  const bool maybe = value.nullable || (instance && instance->maybe);
  if (!maybe || (null_allowed && value.nullable)) return true;
  if (instance && keep_apart(*instance)) return false;
  if (value.nullable) {
    fail("E0204", i, fmt::format("{} may be null here", argument_name(binding.callee, n)), "test the pointer first: if (!pointer) return 0;",
         {note(value.origin, "it comes from here, and no path to here has tested it")});
  } else {
    fail("E0308", i, fmt::format("{} is held on some paths to here and not on others", argument_name(binding.callee, n)),
         "set the pointer to NULL where nothing is held, and test it", {note(instance->acquired_at, "it was acquired here, on one path")});
  }
  return false;
}

bool Analyzer::in_required_state(State& state, ir::InsnIdx i, unsigned n, const interface::ObjectRef& type, InstanceId id, const Binding& binding) {
  if (!type.state) return true;
  const Instance* instance = id == kNoInstance ? nullptr : state.find_instance(id);
  if (!instance) return value_is_null(state, n);
  if (instance->typestate == type.state) return true;
  const interface::ObjectType& declared = declarations_.at(type.type);
  fail("E0310", i,
       fmt::format("{} must be in state {}, it is in {}", argument_name(binding.callee, n), declared.states[type.state->index()],
                   instance->typestate ? declared.states[instance->typestate->index()] : "none"),
       fmt::format("call what takes it from {} to {} first", instance->typestate ? declared.states[instance->typestate->index()] : "there",
                   declared.states[type.state->index()]),
       {note(instance->stepped_at, "it came into its state here")});
  return false;
}

bool Analyzer::value_is_null(const State& state, unsigned n) const { return state.regs[n + 1].is_zero(); }

bool Analyzer::is_owned(const State& state, InstanceId id) const {
  const Instance* instance = id == kNoInstance ? nullptr : state.find_instance(id);
  return instance && instance->owned();
}

/// Room in the private stack where the function makes an object.
bool Analyzer::pass_room(State& state, ir::InsnIdx i, unsigned n, const Value& value, const interface::ObjectRef& type, Binding& binding) {
  const interface::ObjectType& declared = declarations_.at(type.type);
  const Number offset = value.kind == Kind::stack ? state.number_of(value.scalar) : Number();
  const auto at = offset.is_constant() ? static_cast<std::int64_t>(offset.constant_value()) : 0;
  const bool fits = at >= -kMaxFrameBytes && at + declared.stack_bytes <= 0 && at % 8 == 0;
  if (value.kind != Kind::stack || !offset.is_constant() || !fits) {
    fail("E0227", i,
         fmt::format("{} must be a local variable of type '{}', this is {}", argument_name(binding.callee, n), declared.name, describe(value)),
         "declare it in this function and pass its address");
    return false;
  }
  if (frame_in_heap(state, value.id)) {
    fail("E0207", i, fmt::format("'{}' lives in a frame of which an address has escaped to the heap", declared.name),
         "keep it in a function whose other variables keep their addresses to themselves");
    return false;
  }
  const Stack& stack = state.frames[value.id].stack;
  if (const Stack::Slot* old = stack.pointer_in(static_cast<std::int32_t>(at), static_cast<std::int32_t>(declared.stack_bytes));
      old && old->value.kind == Kind::object && is_owned(state, old->value.id)) {
    fail("E0228", i, fmt::format("{} still holds {}", argument_name(binding.callee, n), describe(old->value)), "give it back before it is made anew");
    return false;
  }
  if (is_lent(state, value.id, static_cast<std::int32_t>(at), static_cast<std::int32_t>(declared.stack_bytes))) {
    fail("E0207", i, fmt::format("'{}' would live in bytes of which the host has kept the address", declared.name), "use two variables");
    return false;
  }
  note_frame_use(state, value.id, at);
  binding.created.push_back(n);
  return true;
}

/// The object's maps, and behind them what each of them holds.
const ir::MapDefinition& Analyzer::map_at(std::uint32_t id) const {
  const auto& maps = program_.maps();
  return id < maps.size() ? maps[id] : *maps[id - maps.size()].inner;
}

/// The map that `mem(K)` and `mem(V)` speak of.
std::uint32_t Analyzer::map_of(const interface::Mem& type, const Binding& binding) {
  return type.map_of.empty() ? *binding.maps[type.map_parameter] : binding.holders.at(type.map_of);
}

std::uint64_t Analyzer::element_bytes(const interface::Mem& type, const Binding& binding) const {
  if (type.part == interface::Mem::MapPart::none) return type.element_bytes;
  const ir::MapDefinition& map = map_at(map_of(type, binding));
  return type.part == interface::Mem::MapPart::key ? map.key_bytes : map.value_bytes;
}

/// count * factor + addend, when that is sure not to wrap.
Scalar Analyzer::scaled_count(State& state, const Scalar& count, const interface::Mem& type) {
  if (type.count_factor == 1 && type.count_addend == 0) return count;
  const auto form = count.form.times(static_cast<std::int64_t>(type.count_factor));
  const auto sum = form ? form->plus(static_cast<std::int64_t>(type.count_addend)) : std::nullopt;
  const auto constant = [](std::uint64_t n) { return Number::constant(n); };
  const Number number =
      verify::alu(isa::AluOp::add, true, verify::alu(isa::AluOp::mul, true, count.number, constant(type.count_factor)), constant(type.count_addend));
  if (sum && state.within(*sum, 0, INT64_MAX)) return {number, *sum};
  return unknown(state, Number());
}

bool Analyzer::pass_memory(State& state, ir::InsnIdx i, unsigned n, const interface::Mem& type, Binding& binding) {
  const interface::Function& callee = binding.callee;
  Value* used = use(state, i, static_cast<isa::Reg>(n + 1));
  if (!used) return false;
  const Value value = *used;
  const auto element = static_cast<std::int64_t>(element_bytes(type, binding));
  Scalar count{Number::constant(type.count.value_or(1)), Linear(static_cast<std::int64_t>(type.count.value_or(1)))};
  if (type.count_parameter) {
    Value* given = use(state, i, static_cast<isa::Reg>(*type.count_parameter + 1));
    if (!given || !to_number(state, i, *given, "use as a length")) return false;
    const auto& count_type = std::get<interface::Scalar>(callee.parameters[*type.count_parameter].type);
    count = {state.number_of(given->scalar), given->scalar.form};
    if (!state.within(count.form, 0, (Integer{1} << count_type.bits) - 1)) {  // the interface takes unsigned lengths only
      count = unknown(state, count_type.bits == 64 ? count.number : count.number.zero_extended(count_type.bits));
    }
    count = scaled_count(state, count, type);
  }
  const auto length = count.form.times(element);
  binding.classes[n] = ArgClass::memory;
  if (value.is_zero() && type.nullable) {
    if (!type.count_parameter || type.optional || state.within(count.form, 0, 0)) return true;
    fail("E0222", i, fmt::format("{} is null, but its length may be other than 0", argument_name(callee, n)),
         "pass a length of 0 with a null pointer");
    return !checking_;
  }
  switch (value.kind) {
    case Kind::scalar:
    case Kind::global:
      binding.classes[n] = ArgClass::heap;
      return true;
    case Kind::memory: {
      if (value.nullable && type.nullable) {
        fail("E0204", i, fmt::format("{} may be null here", argument_name(callee, n)),
             "test it first, and pass NULL or the pointer on separate paths");
        return false;
      }
      for (const std::uint32_t moved : callee.moves) {
        const Value& context = state.regs[moved + 1];
        if (context.kind != Kind::context || std::ranges::find(range_regions_[context.id], value.id) == range_regions_[context.id].end()) continue;
        fail("E0223", i, fmt::format("{} lies in the memory that {}() moves", argument_name(callee, n), callee.name),
             "copy it to a local variable first");
        return false;
      }
      if (!length) {
        fail("E0222", i, fmt::format("the length of {} is out of range", argument_name(callee, n)), "limit it first");
        return false;
      }
      const bool reads = interface::may_read(type.access), writes = interface::may_write(type.access);
      return (!reads || check_region(state, i, value, 0, *length, false)) && (!writes || check_region(state, i, value, 0, *length, true));
    }
    case Kind::stack:
      break;
    case Kind::context:
    case Kind::object:
    case Kind::map:
    case Kind::probed:
      fail("E0223", i, fmt::format("{} takes memory, this is {}", argument_name(callee, n), describe(value)), "pass a buffer");
      return false;
    case Kind::none:
    case Kind::lost:
      base::bug("an unusable value passed use()");
  }
  const ir::FunctionIdx function = state.frames[value.id].function;
  const Number offset = state.number_of(value.scalar);
  const Integer lo = offset.whole().smin(), hi = offset.whole().smax();
  const Integer most = Integer{state.number_of(count).whole().umax()} * element;
  const bool inside = lo >= -kMaxFrameBytes && hi + most <= 0;
  if (!inside && checking_ && lo == hi && count.number.is_constant()) {
    fail("E0206", i,
         fmt::format("{} does not fit: {} bytes from r10{:+}", argument_name(callee, n), static_cast<std::uint64_t>(most),
                     static_cast<std::int64_t>(lo)),
         "pass a buffer of that size");
    return false;
  }
  if (!inside && !frames_.in_heap[function.index()]) {
    escape(function);
    if (stop_) return false;
  }
  if (!inside || frames_.in_heap[function.index()]) {
    binding.classes[n] = ArgClass::heap;
    return true;
  }
  const auto from = static_cast<std::int32_t>(lo), span = static_cast<std::int32_t>(hi - lo + most);
  const Stack& stack = state.frames[value.id].stack;
  if (type.kept && !lend(function, from, span)) return false;
  if (interface::may_read(type.access) && span > 0) {
    if (const Stack::Slot* pointer = stack.pointer_in(from, span, kEscapesToMap)) {
      if (pointer->value.kind == Kind::stack) {
        escape(state.frames[pointer->value.id].function);
        if (stop_) return false;
      }
      fail("E0208", i, fmt::format("{} contains {}", argument_name(callee, n), describe(pointer->value)), "pass a buffer of plain data");
      return false;
    }
    if (!type.sparse && !stack.initialised(from, span)) {
      fail("E0203", i, fmt::format("{} is not initialised on every path to here", argument_name(callee, n)), "initialise the whole buffer first");
      return false;
    }
  }
  if (interface::may_write(type.access)) {
    // Only `uninit` says that all of it is set afterwards. Fails: UnsoundTest, perhaps_written_by_the_host.
    const bool exact = type.access == interface::Access::uninit && lo == hi && count.number.is_constant();
    binding.fills.push_back({value.id, from, static_cast<std::int32_t>(hi), static_cast<std::uint64_t>(most), exact});
  }
  return true;
}

bool Analyzer::pass_map(State& state, ir::InsnIdx i, unsigned n, const interface::MapRef& type, Binding& binding) {
  const Value* value = use(state, i, static_cast<isa::Reg>(n + 1));
  if (!value) return false;
  binding.classes[n] = ArgClass::map;
  if (value->kind != Kind::map) {
    fail("E0225", i, fmt::format("{} must be a map, this is {}", argument_name(binding.callee, n), describe(*value)),
         "pass the address of a map that this object defines");
    return false;
  }
  if (value->nullable) {
    fail("E0204", i, fmt::format("{} may be null here", argument_name(binding.callee, n)), "test the pointer first: if (!map) return 0;",
         {note(value->origin, "it comes from here, and no path to here has tested it")});
    return false;
  }
  const ir::MapDefinition& map = map_at(value->id);
  const bool fits = (type.key_bytes == 0 || type.key_bytes == map.key_bytes) && (type.value_bytes == 0 || type.value_bytes == map.value_bytes);
  if (!fits) {
    fail("E0225", i,
         fmt::format("{} takes a map of {} to {} bytes, '{}' has {} and {}", argument_name(binding.callee, n), type.key_bytes, type.value_bytes,
                     map.name, map.key_bytes, map.value_bytes),
         "change the map's key and value types");
    return false;
  }
  if (type.kind && std::ranges::find(declarations_.at(*type.kind).types, map.kind) == declarations_.at(*type.kind).types.end()) {
    fail("E0225", i,
         fmt::format("{} takes maps of the kind '{}', '{}' is of type {}", argument_name(binding.callee, n), declarations_.at(*type.kind).name,
                     map.name, map.kind),
         "use a map of another type, or another function");
    return false;
  }
  const auto is_lock = [&](const ir::SpecialField& field) {
    const auto known = type_of(field);
    return known && !declarations_.at(*known).locks.empty();
  };
  if (std::ranges::count_if(map.fields, is_lock) > 1) {
    fail("E0225", i, fmt::format("the values of '{}' hold more than one lock", map.name), "keep one lock in each value");
    return false;
  }
  binding.maps[n] = value->id;
  return true;
}

/// The start of characters in the object's constants, with a zero behind them.
bool Analyzer::pass_text(State& state, ir::InsnIdx i, unsigned n, Binding& binding) {
  const Value* value = use(state, i, static_cast<isa::Reg>(n + 1));
  if (!value) return false;
  binding.classes[n] = ArgClass::scalar;
  const Number offset = value->kind == Kind::global ? state.number_of(value->scalar) : Number();
  if (offset.is_constant()) {
    const ir::Globals& globals = *program_.globals();
    const std::uint64_t at = offset.constant_value();
    for (const ir::GlobalSection& section : globals.sections) {
      if (!section.name.starts_with(".rodata") || at < section.offset || at - section.offset >= section.bytes) continue;
      if (section.offset < globals.initial_at) continue;  // its bytes are not known any more
      const auto end = globals.initial.begin() + static_cast<std::ptrdiff_t>(section.offset + section.bytes - globals.initial_at);
      if (std::find(globals.initial.begin() + static_cast<std::ptrdiff_t>(at - globals.initial_at), end, std::byte{0}) != end) return true;
    }
  }
  fail("E0223", i, fmt::format("{} takes a constant text, this is {}", argument_name(binding.callee, n), describe(*value)),
       "pass a string literal, or a constant array of characters that ends with a zero");
  return false;
}

/// What stands behind the declared parameters: numbers, or nothing.
bool Analyzer::pass_the_rest(State& state, ir::InsnIdx i, const Binding& binding) {
  if (!binding.callee.variadic) return true;
  for (auto n = static_cast<unsigned>(binding.callee.parameters.size()); n < 5; ++n) {
    if (state.regs[n + 1].kind == Kind::none) continue;
    Value* value = use(state, i, static_cast<isa::Reg>(n + 1));
    if (!value || !to_number(state, i, *value, "pass as a number")) return false;
  }
  return true;
}

/// The function of the program that the number means, if there is exactly one. `c ? f : 0` is a number for clang, which may be f or null: the host runs f any
/// number of times, so none at all is covered. What names no function ends the invocation where the host would call it.
/// Fails: tests/cases/verify/callbacks, one_of_two.
std::optional<ir::FunctionIdx> Analyzer::only_function_in(const Number& number) const {
  std::optional<ir::FunctionIdx> only;
  for (std::uint32_t f = 0; f < program_.functions().size(); ++f) {
    const auto& value = program_.functions()[f].value;
    if (!value || !number.whole().contains(ir::kFunctionValueBase + *value)) continue;
    if (only) return std::nullopt;
    only = ir::FunctionIdx(f);
  }
  return only;
}

bool Analyzer::pass_callback(State& state, ir::InsnIdx i, unsigned n, const interface::CallbackRef& type, Binding& binding) {
  const Value* value = use(state, i, static_cast<isa::Reg>(n + 1));
  if (!value) return false;
  binding.classes[n] = ArgClass::callback;
  if (value->is_zero() && type.nullable) return true;
  if (value->kind == Kind::scalar) {
    const Number number = state.number_of(value->scalar);
    if (number.is_constant() || type.nullable) binding.callbacks[n] = only_function_in(number);
    if (binding.callbacks[n]) return true;
  }
  fail("E0226", i, fmt::format("{} must be one function of this object, this is {}", argument_name(binding.callee, n), describe(*value)),
       "name the function in the call itself");
  return false;
}

/// The first struct that the hook hands in is context 0.
bool Analyzer::is_hooks_context(std::uint32_t context) const {
  const auto is_struct = [](const interface::Parameter& p) { return std::holds_alternative<interface::StructRef>(p.type); };
  return context == 0 && std::ranges::any_of(hook_.parameters, is_struct);
}

bool Analyzer::pass_struct(State& state, ir::InsnIdx i, unsigned n, const interface::StructRef& type, Binding& binding) {
  const Value* value = use(state, i, static_cast<isa::Reg>(n + 1));
  if (!value) return false;
  binding.classes[n] = ArgClass::memory;
  if (value->is_zero() && type.nullable) return true;
  const bool whole = value->kind == Kind::context && value->scalar.form == Linear(0);
  const bool right = whole && (type.is_context ? is_hooks_context(value->id) : contexts_[value->id] == type.type);
  if (right && (!value->nullable || type.nullable)) return true;
  if (right) {
    fail("E0204", i, fmt::format("{} may be null here", argument_name(binding.callee, n)), "test the pointer first: if (!pointer) return 0;",
         {note(value->origin, "it comes from here, and no path to here has tested it")});
    return false;
  }
  fail("E0223", i,
       fmt::format("{} must be the '{}' of the hook, this is {}", argument_name(binding.callee, n),
                   type.is_context ? "context" : declarations_.at(type.type).name, describe(*value)),
       "pass the context itself");
  return false;
}

bool Analyzer::pass_scalar(State& state, ir::InsnIdx i, unsigned n, const interface::Scalar& type, Binding& binding) {
  Value* value = use(state, i, static_cast<isa::Reg>(n + 1));
  if (!value) return false;
  binding.classes[n] = ArgClass::scalar;
  if (!to_number(state, i, *value, "pass as a number")) return false;
  const Number number = state.number_of(value->scalar);
  if (within_type(number, type)) return true;
  fail("E0224", i,
       fmt::format("{} must be {}, this may be {}", argument_name(binding.callee, n), interface::to_text(declarations_, type),
                   number.whole().to_text()),
       "limit the value first", {note(value->origin, "the value comes from here")});
  return !checking_;
}

/// Anything that the extension's own callback can make sense of. The host never looks at it.
bool Analyzer::pass_opaque(State& state, ir::InsnIdx i, unsigned n, const interface::Opaque& type, Binding& binding) {
  const Value* value = use(state, i, static_cast<isa::Reg>(n + 1));
  if (!value) return false;
  const bool private_stack = value->kind == Kind::stack && !frame_in_heap(state, value->id);
  binding.classes[n] = (value->is_host_pointer() && !value->is_free()) || private_stack ? ArgClass::object : ArgClass::scalar;
  binding.opaque.insert_or_assign(type.instance, *value);
  return true;
}

bool Analyzer::pass_argument(State& state, ir::InsnIdx i, unsigned n, Binding& binding) {
  return std::visit(isa::Overloaded{
                        [&](const interface::Scalar& type) { return pass_scalar(state, i, n, type, binding); },
                        [&](const interface::StructRef& type) { return pass_struct(state, i, n, type, binding); },
                        [&](const interface::ObjectRef& type) { return pass_object(state, i, n, type, binding); },
                        [&](const interface::Mem& type) { return pass_memory(state, i, n, type, binding); },
                        [&](const interface::MapRef& type) { return pass_map(state, i, n, type, binding); },
                        [&](const interface::CallbackRef& type) { return pass_callback(state, i, n, type, binding); },
                        [&](const interface::Opaque& type) { return pass_opaque(state, i, n, type, binding); },
                        [&](const interface::Text&) { return pass_text(state, i, n, binding); },
                        [](const interface::Nothing&) -> bool { base::bug("a parameter without a type"); },
                    },
                    binding.callee.parameters[n].type);
}

}  // namespace tenon::verify
