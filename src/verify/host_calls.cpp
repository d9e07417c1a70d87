// SPDX-License-Identifier: Apache-2.0
// Calls of the host's functions, against their declarations: arguments left to right, then what is consumed, then the result.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/bug.hpp"
#include "verify/analyzer.hpp"

namespace tenon::verify {

using Kind = Value::Kind;

/// What one call has established so far.
struct Analyzer::Binding {
  interface::FunctionIdx function;
  std::map<std::string, InstanceId> instances;   // 'a -> instance
  std::vector<InstanceId> passed, consumed;
  std::array<ArgClass, 5> classes{};
  struct Write { std::uint32_t frame; std::int32_t lo, hi; std::uint64_t bytes; bool fills; };
  std::vector<Write> writes;                     // private stack that the host writes
};

namespace {

std::string argument_name(const interface::Function& callee, unsigned n) {
  return fmt::format("argument {} ('{}') of {}()", n + 1, callee.parameters[n].name, callee.name);
}

Number number_for(const interface::Scalar& type) {
  return type.is_signed ? Number::signed_range(type.lo, static_cast<std::int64_t>(type.hi))
                        : Number::unsigned_range(static_cast<std::uint64_t>(type.lo), type.hi);
}

bool within_type(const Number& number, const interface::Scalar& type) {
  const Word full = Word::unknown(type.bits);
  const bool any = type.is_signed ? type.lo == full.smin() && static_cast<std::int64_t>(type.hi) == full.smax() : type.lo == 0 && type.hi == full.umax();
  if (any) return true;  // the host reads the low bits
  const Word word = type.bits == 64 ? number.whole() : type.bits == 32 ? number.low() : number.whole().truncated(type.bits);
  return type.is_signed ? word.smin() >= type.lo && word.smax() <= static_cast<std::int64_t>(type.hi)
                        : word.umin() >= static_cast<std::uint64_t>(type.lo) && word.umax() <= type.hi;
}

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

}  // namespace

bool Analyzer::pass_object(State& state, ir::InsnIdx i, const interface::Function& callee, unsigned n, const interface::ObjectRef& type, Binding& binding) {
  Value* value = use(state, i, static_cast<isa::Reg>(n + 1));
  if (!value) return false;
  binding.classes[n] = ArgClass::object;
  const std::string expected = declarations_.at(type.type).name;
  if (value->is_zero() && type.nullable) return true;
  if (value->kind != Kind::object || value->type != type.type) {
    fail("E0302", i, fmt::format("{} must be a pointer to '{}', this is {}", argument_name(callee, n), expected, describe(*value)),
         "pass the pointer that the host handed out", {note(value->origin, "it comes from here")});
    return false;
  }
  if (value->nullable && !type.nullable) {
    fail("E0204", i, fmt::format("{} may be null here", argument_name(callee, n)), "test the pointer first: if (!pointer) return 0;",
         {note(value->origin, "it comes from here, and no path to here has tested it")});
    return false;
  }
  if (!type.instance.empty()) {
    const auto [known, fresh] = binding.instances.try_emplace(type.instance, value->id);
    if (!fresh && (known->second != value->id || value->id == kNoInstance)) {
      fail("E0305", i, fmt::format("{} must be the same '{}' as an argument before it", argument_name(callee, n), expected), "pass the same pointer");
      return false;
    }
  }
  const auto& in_use = type.mode == interface::ObjectRef::Mode::own ? binding.passed : binding.consumed;
  if (std::ranges::find(in_use, value->id) != in_use.end() && value->id != kNoInstance) {
    fail("E0304", i, fmt::format("{} is given away by the same call", argument_name(callee, n)), "pass each object once");
    return false;
  }
  binding.passed.push_back(value->id);
  if (type.mode == interface::ObjectRef::Mode::borrow) return true;
  const Instance* instance = value->id == kNoInstance ? nullptr : state.find_instance(value->id);
  if (!instance || instance->borrowed) {
    fail("E0306", i, fmt::format("{} takes an object over, but this one is only borrowed", argument_name(callee, n)), "give back only what you acquired",
         {note(value->origin, "it comes from here")});
    return false;
  }
  binding.consumed.push_back(value->id);
  return true;
}

bool Analyzer::pass_memory(State& state, ir::InsnIdx i, const interface::Function& callee, unsigned n, const interface::Mem& type, Binding& binding) {
  Value* used = use(state, i, static_cast<isa::Reg>(n + 1));
  if (!used) return false;
  const Value value = *used;
  const auto element = static_cast<std::int64_t>(type.element_bytes);
  Scalar count{Number::constant(type.count.value_or(1)), Linear(static_cast<std::int64_t>(type.count.value_or(1)))};
  if (type.count_parameter) {
    Value* given = use(state, i, static_cast<isa::Reg>(*type.count_parameter + 1));
    if (!given || !to_number(state, i, *given, "use as a length")) return false;
    const auto& count_type = std::get<interface::Scalar>(callee.parameters[*type.count_parameter].type);
    const Integer top = (Integer{1} << (count_type.bits - (count_type.is_signed ? 1 : 0))) - 1;
    count = {state.number_of(given->scalar), given->scalar.form};
    if (!state.within(count.form, 0, top)) {
      if (count_type.is_signed && !(count.number.whole().smin() >= 0)) {
        fail("E0222", i, fmt::format("the length of {} may be negative", argument_name(callee, n)), "test it first");
        if (checking_) return false;
      }
      count = unknown(state, count_type.bits == 64 ? count.number : count.number.zero_extended(count_type.bits));
    }
  }
  const auto length = count.form.times(element);
  binding.classes[n] = ArgClass::memory;
  if (value.is_zero() && type.nullable) return true;
  switch (value.kind) {
    case Kind::scalar:
    case Kind::global: binding.classes[n] = ArgClass::heap; return true;
    case Kind::memory: {
      if (value.nullable && type.nullable) {
        fail("E0204", i, fmt::format("{} may be null here", argument_name(callee, n)), "test it first, and pass NULL or the pointer on separate paths");
        return false;
      }
      if (!length) {
        fail("E0222", i, fmt::format("the length of {} is out of range", argument_name(callee, n)), "limit it first");
        return false;
      }
      const bool reads = interface::may_read(type.access), writes = interface::may_write(type.access);
      return (!reads || check_region(state, i, value, 0, *length, false)) && (!writes || check_region(state, i, value, 0, *length, true));
    }
    case Kind::stack: break;
    case Kind::context:
    case Kind::object:
      fail("E0223", i, fmt::format("{} takes memory, this is {}", argument_name(callee, n), describe(value)), "pass a buffer");
      return false;
    case Kind::none:
    case Kind::lost: base::bug("an unusable value passed use()");
  }
  const ir::FunctionIdx function = state.frames[value.id].function;
  const Number offset = state.number_of(value.scalar);
  const Integer lo = offset.whole().smin(), hi = offset.whole().smax();
  const Integer most = Integer{state.number_of(count).whole().umax()} * element;
  note_frame_use(state, value.id, lo);
  const bool inside = lo >= -kMaxFrameBytes && hi + most <= 0;
  if (!inside && checking_ && lo == hi && count.number.is_constant()) {
    fail("E0206", i, fmt::format("{} does not fit: {} bytes from r10{:+}", argument_name(callee, n), static_cast<std::uint64_t>(most), static_cast<std::int64_t>(lo)),
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
  if (interface::may_read(type.access) && span > 0) {
    if (const Stack::Slot* pointer = stack.pointer_in(from, span)) {
      fail("E0208", i, fmt::format("{} contains {}", argument_name(callee, n), describe(pointer->value)), "pass a buffer of plain data");
      return false;
    }
    if (!stack.initialised(from, span)) {
      fail("E0203", i, fmt::format("{} is not initialised on every path to here", argument_name(callee, n)), "initialise the whole buffer first");
      return false;
    }
  }
  if (interface::may_write(type.access)) {
    // Only `uninit` says that all of it is set afterwards. Fails: UnsoundTest, perhaps_written_by_the_host
    const bool fills = type.access == interface::Access::uninit && lo == hi && count.number.is_constant();
    binding.writes.push_back({value.id, from, static_cast<std::int32_t>(hi), static_cast<std::uint64_t>(most), fills});
  }
  return true;
}

bool Analyzer::pass_argument(State& state, ir::InsnIdx i, const interface::Function& callee, unsigned n, Binding& binding) {
  const interface::Type& type = callee.parameters[n].type;
  if (const auto* object = std::get_if<interface::ObjectRef>(&type)) return pass_object(state, i, callee, n, *object, binding);
  if (const auto* mem = std::get_if<interface::Mem>(&type)) return pass_memory(state, i, callee, n, *mem, binding);
  Value* value = use(state, i, static_cast<isa::Reg>(n + 1));
  if (!value) return false;
  if (const auto* structure = std::get_if<interface::StructRef>(&type)) {
    binding.classes[n] = ArgClass::memory;
    if (value->kind == Kind::context && contexts_[value->id] == structure->type && value->scalar.form == Linear(0)) return true;
    fail("E0223", i, fmt::format("{} must be the '{}' of the hook, this is {}", argument_name(callee, n), declarations_.at(structure->type).name, describe(*value)),
         "pass the context itself");
    return false;
  }
  binding.classes[n] = ArgClass::scalar;
  if (!to_number(state, i, *value, "pass as a number")) return false;
  const auto& scalar = std::get<interface::Scalar>(type);
  const Number number = state.number_of(value->scalar);
  if (within_type(number, scalar)) return true;
  fail("E0224", i, fmt::format("{} must be {}, this may be {}", argument_name(callee, n), interface::to_text(declarations_, type), number.whole().to_text()),
       "limit the value first", {note(value->origin, "the value comes from here")});
  return !checking_;
}

Value Analyzer::host_result(State& state, ir::InsnIdx i, const interface::Function& callee, const Binding&) {
  Value value;
  if (const auto* scalar = std::get_if<interface::Scalar>(&callee.result)) {
    value = unknown_value(state, number_for(*scalar), i);
  } else if (const auto* object = std::get_if<interface::ObjectRef>(&callee.result)) {
    value.kind = Kind::object;
    value.type = object->type;
    value.nullable = object->nullable;
    if (object->mode == interface::ObjectRef::Mode::own) {
      value.id = ++last_instance_;
      state.instances.push_back({value.id, object->type, object->nullable, false, i});
    } else {
      value.null_id = ++last_null_id_;
    }
  } else if (const auto* mem = std::get_if<interface::Mem>(&callee.result)) {
    std::optional<Linear> size;
    RegionId id = 0;
    if (mem->count_parameter) {
      const Value& count = state.regs[*mem->count_parameter + 1];
      const auto& type = std::get<interface::Scalar>(callee.parameters[*mem->count_parameter].type);
      if (state.within(count.scalar.form, 0, (Integer{1} << (type.bits - (type.is_signed ? 1 : 0))) - 1)) {
        size = count.scalar.form.times(static_cast<std::int64_t>(mem->element_bytes));
      }
      id = ++last_region_;
      if (!size) size = Linear(0);  // nothing is known of its extent, so nothing of it may be touched
    } else {
      size = Linear(static_cast<std::int64_t>(mem->element_bytes * mem->count.value_or(1)));
      RegionId& known = site_regions_[{i.value, 0}];
      if (known == 0) known = ++last_region_;
      id = known;
    }
    if (std::ranges::find(state.regions, id, &Region::id) == state.regions.end()) {
      state.regions.push_back({id, *size, mem->access, mem->shared, mem->count_parameter.has_value()});
    }
    value = Value::of(Kind::memory, {Number::constant(0), Linear(0)}, id);
    value.nullable = mem->nullable;
    value.null_id = ++last_null_id_;
  }
  value.origin = i;
  return value;
}

Analyzer::Flow Analyzer::call_host(State& state, ir::InsnIdx i, std::uint32_t extern_index) {
  const std::string& name = program_.externs()[extern_index];
  const auto function = declarations_.find_function(name);
  if (!function) {
    const std::string near = nearest_name(declarations_, name);
    return fail("E0410", i, fmt::format("the interface '{}' has no function '{}'", declarations_.file, name),
                near.empty() ? "call only functions that the interface declares" : fmt::format("did you mean {}()?", near));
  }
  const interface::Function& callee = declarations_.at(*function);
  record_objects(state, i);
  Binding binding;
  binding.function = *function;
  for (unsigned n = 0; n < callee.parameters.size(); ++n) {
    if (!pass_argument(state, i, callee, n, binding)) return Flow::dead;
  }
  if (checking_) {
    CallFacts& facts = findings_.calls[i.index()];
    for (unsigned n = 0; facts.reachable && n < 5; ++n) {
      if (facts.arguments[n] == binding.classes[n]) continue;
      const Value& value = state.regs[n + 1];
      if (value.kind == Kind::stack) escape(state.frames[value.id].function);
      return fail("E0213", i, fmt::format("{} is host memory on one path and heap memory on another", argument_name(callee, n)),
                  "keep the two apart: inline the function that makes this call");
    }
    facts = {true, *function, binding.classes};
  }
  for (const Binding::Write& write : binding.writes) {
    Stack& stack = state.frames[write.frame].stack;
    if (write.fills) stack.fill(write.lo, static_cast<std::int32_t>(write.bytes));
    else stack.write_somewhere(write.lo, write.hi, static_cast<std::int32_t>(write.bytes));
  }
  Value result = host_result(state, i, callee, binding);
  for (const InstanceId id : binding.consumed) state.kill_instance(id, i);
  if (callee.no_return) return Flow::dead;
  after_call(state);
  state.reg(isa::Reg::r0) = result;
  return Flow::next;
}

}  // namespace tenon::verify
