// SPDX-License-Identifier: Apache-2.0
// Loads, stores and atomics. An access is to private stack, context or host memory only by proof; everything else is a heap access, which needs none.
#include <fmt/format.h>

#include <algorithm>

#include "base/bug.hpp"
#include "verify/analyzer.hpp"

namespace tenon::verify {

using Kind = Value::Kind;

namespace {

bool is_power_of_two_aligned(const Number& offset, std::int32_t off, unsigned width) {
  const Word sum = alu(isa::AluOp::add, offset.whole(), Word::constant(64, static_cast<std::uint64_t>(std::int64_t{off})));
  return ((sum.tnum().value | sum.tnum().mask) & (width - 1)) == 0;
}

bool bytes_in(const std::vector<bool>& set, std::int32_t lo, std::int32_t end, bool wanted) {
  for (std::int32_t o = lo; o < end; ++o) {
    const auto index = static_cast<std::size_t>(-o - 1);
    if ((index < set.size() && set[index]) != wanted) return false;
  }
  return true;
}

}  // namespace

Number Analyzer::loaded_number(unsigned width, bool sign_extend) const {
  const Word loaded = Word::unknown(width * 8);
  if (width == 8) return Number();
  return Number(sign_extend ? loaded.sign_extended(64) : loaded.zero_extended(64));
}

/// One class per access: the same instruction may touch stack on one path and heap on another only if that frame lives in the heap.
bool Analyzer::record(ir::InsnIdx i, const AccessFacts& facts, std::uint32_t stack_owner) {
  if (!checking_) return true;
  AccessFacts& known = findings_.accesses[i.index()];
  const auto heap_side = [](MemClass c) { return c == MemClass::heap || c == MemClass::heap_stack; };
  if (known.memory == MemClass::unreachable) {
    known = facts;
    findings_.stack_owner[i.index()] = stack_owner;
    return true;
  }
  if (known.memory == facts.memory || (heap_side(known.memory) && heap_side(facts.memory))) {
    if (known.memory != facts.memory) known.memory = MemClass::heap;
    known.in_globals &= facts.in_globals;
    known.aligned &= facts.aligned;
    known.shared |= facts.shared;
    return true;
  }
  const bool stack_and_heap =
      (known.memory == MemClass::stack && heap_side(facts.memory)) || (heap_side(known.memory) && facts.memory == MemClass::stack);
  if (stack_and_heap) {
    const std::uint32_t owner = known.memory == MemClass::stack ? findings_.stack_owner[i.index()] : stack_owner;
    if (!frames_.in_heap[owner]) {
      escape(ir::FunctionIdx(owner));
      return false;
    }
  }
  fail("E0213", i, "this access touches host memory on one path and other memory on another",
       "keep the two apart: inline the function, or write one for each kind of memory");
  return false;
}

/// Proves base + off .. + length inside the region of a memory pointer. While a loop is still being solved its bounds may not be known yet, so only a
/// checking pass insists.
bool Analyzer::check_region(State& state, ir::InsnIdx i, const Value& base, std::int32_t off, const Linear& length, bool write) {
  if (base.nullable) {
    fail("E0204", i, fmt::format("{} here", describe(base)), "test the pointer before using it: if (!pointer) return 0;",
         {note(base.origin, "it comes from here, and no path to here has tested it")});
    return !checking_;
  }
  const Region& region = state.region(base.id);
  if (write ? !interface::may_write(region.access) : !interface::may_read(region.access)) {
    fail("E0215", i, write ? "this memory is read-only" : "this memory may only be written", "see the interface's declaration of it",
         {note(base.origin, "the pointer comes from here")});
    return false;
  }
  const auto start = base.scalar.form.plus(off);
  const auto end = start ? start->plus(length) : std::nullopt;
  const auto room = end ? region.size.plus(*end, -1) : std::nullopt;
  const bool not_before = start && state.implied(*start);
  if (not_before && room && state.implied(*room)) return spares_fields(state, i, base, region, *start, *end);
  fail("E0205", i, fmt::format("this access to host memory is not proved to stay {} it", not_before ? "before the end of" : "behind the start of"),
       "compare the pointer, or the index, with the bounds of the memory before the access: if (p + n > end) return 0;",
       {note(base.origin, "the pointer comes from here")});
  return !checking_;
}

/// Bytes of a frame whose address the host keeps: what they hold is not followed in any attempt from now on.
bool Analyzer::lend(ir::FunctionIdx function, std::int32_t offset, std::int32_t bytes) {
  auto& lent = frames_.lent_bytes[function.index()];
  if (bytes == 0 || !checking_ || bytes_in(lent, offset, offset + bytes, true)) return true;
  if (lent.size() < static_cast<std::size_t>(-offset)) lent.resize(static_cast<std::size_t>(-offset));
  for (std::int32_t o = offset; o < offset + bytes; ++o) lent[static_cast<std::size_t>(-o - 1)] = true;
  stop_ = again_ = true;
  return false;
}

bool Analyzer::is_lent(const State& state, std::uint32_t depth, std::int32_t offset, std::int32_t bytes) const {
  return !bytes_in(frames_.lent_bytes[state.frames[depth].function.index()], offset, offset + bytes, false);
}

/// What the host keeps in a map's value is touched by nobody else: bytes start .. end lie beside each such field.
bool Analyzer::spares_fields(State& state, ir::InsnIdx i, const Value& base, const Region& region, const Linear& start, const Linear& end) {
  if (region.map == 0) return true;
  const ir::MapDefinition& map = map_at(region.map - 1);
  for (const ir::SpecialField& field : map.fields) {
    const auto before = Linear(std::int64_t{field.offset}).plus(end, -1), behind = start.plus(-(std::int64_t{field.offset} + field.bytes));
    if ((before && state.implied(*before)) || (behind && state.implied(*behind))) continue;
    fail("E0229", i,
         fmt::format("this access touches, or may touch, bytes {}..{} of a value of '{}', a {} that belongs to the host", field.offset,
                     std::uint64_t{field.offset} + field.bytes - 1, map.name, ir::to_string(field.kind)),
         "use the functions of the interface for it, and access what lies beside it on its own", {note(base.origin, "the value comes from here")});
    return !checking_;
  }
  return true;
}

void Analyzer::note_frame_use(const State& state, std::uint32_t depth, Integer offset) {
  if (!checking_ || offset < -kMaxFrameBytes || offset > 0) return;
  std::int32_t& deepest = findings_.frame_bytes[state.frames[depth].function.index()];
  deepest = std::max(deepest, -static_cast<std::int32_t>(offset));
}

/// An address that exists may be used in ways that are no longer seen once it has become a number: its bytes count as used. In a frame that lives in
/// the heap it must not name a byte whose contents are kept in the private part.
bool Analyzer::address_is_whole(State& state, ir::InsnIdx i, const Value& pointer) {
  const Word offset = state.number_of(pointer.scalar).whole();
  note_frame_use(state, pointer.id, offset.smin());
  if (!frame_in_heap(state, pointer.id) || !offset.is_constant() || offset.smin() < -kMaxFrameBytes || offset.smin() >= 0) return true;
  const auto at = static_cast<std::int32_t>(offset.smin());
  if (bytes_in(frames_.private_bytes[state.frames[pointer.id].function.index()], at, at + 1, false)) return true;
  fail("E0207", i, "the address of a stack slot that holds a host pointer is taken, in a frame of which an address has escaped to the heap",
       "keep host pointers in variables whose address is not taken");
  return false;
}

std::optional<Analyzer::Target> Analyzer::stack_target(State& state, ir::InsnIdx i, const Value& base, isa::Reg reg, std::int32_t off,
                                                       unsigned width) {
  const Number offset = state.number_of(base.scalar);
  const Integer lo = Integer{offset.whole().smin()} + off, hi = Integer{offset.whole().smax()} + off;
  const bool inside = lo >= -kMaxFrameBytes && hi + width <= 0;
  const ir::FunctionIdx function = state.frames[base.id].function;
  const bool heap_frame = frames_.in_heap[function.index()];
  const bool aligned = is_power_of_two_aligned(offset, off, width);
  if (!inside) {
    if (lo == hi) {
      fail("E0206", i, fmt::format("the stack frame holds r10-{}..r10-1, this access is at r10{:+}", kMaxFrameBytes, static_cast<std::int64_t>(lo)),
           "stay within the variables of this function");
      return std::nullopt;
    }
    if (!heap_frame) {
      escape(function);
      if (stop_) return std::nullopt;
    }
    note_frame_use(state, base.id, lo);
    if (!record(i, {MemClass::heap, false, aligned, false})) return std::nullopt;
    return Target{MemClass::heap};
  }
  Target target{MemClass::stack, base.id, static_cast<std::int32_t>(lo), static_cast<std::int32_t>(hi)};
  note_frame_use(state, base.id, lo);
  if (heap_frame) {
    const std::int32_t end = target.hi + static_cast<std::int32_t>(width);
    const auto& private_bytes = frames_.private_bytes[function.index()];
    if (bytes_in(private_bytes, target.lo, end, false)) {
      target.memory = MemClass::heap_stack;
    } else if (reg != isa::kFramePointer || !bytes_in(private_bytes, target.lo, end, true)) {
      fail("E0207", i, "this part of the stack holds a host pointer, and an address of the same frame has escaped to the heap",
           "keep host pointers in variables whose address is not taken");
      return std::nullopt;
    }
  }
  if (!record(i, {target.memory, false, aligned, false}, function.value)) return std::nullopt;
  return target;
}

std::optional<Analyzer::Target> Analyzer::context_target(State& state, ir::InsnIdx i, const Value& base, std::int32_t off, unsigned width) {
  if (base.nullable) {
    fail("E0204", i, fmt::format("{} may be null here", describe(base)), "test the pointer before using it: if (!pointer) return 0;",
         {note(base.origin, "it comes from here, and no path to here has tested it")});
    return std::nullopt;
  }
  const Number offset = state.number_of(base.scalar);
  if (!offset.is_constant()) {
    fail("E0216", i, "the context is accessed at a variable offset", "name the field");
    return std::nullopt;
  }
  Target target{MemClass::context};
  target.context = base.id;
  target.structure = &declarations_.at(contexts_[base.id]);
  const Integer first = Integer{static_cast<std::int64_t>(offset.constant_value())} + off;
  if (first < 0 || first + width > target.structure->bytes) {
    fail("E0217", i,
         fmt::format("bytes {}..{} lie outside '{}', which has {}", static_cast<std::int64_t>(first), static_cast<std::int64_t>(first + width - 1),
                     target.structure->name, target.structure->bytes),
         "use the fields that the interface declares");
    return std::nullopt;
  }
  target.offset = static_cast<std::uint32_t>(first);
  if (!record(i, {MemClass::context, false, false, false})) return std::nullopt;
  return target;
}

/// A field of a host object whose type says which of them may be seen.
std::optional<Analyzer::Target> Analyzer::object_target(State& state, ir::InsnIdx i, const Value& base, std::int32_t off, unsigned width,
                                                        bool write) {
  const interface::ObjectType& type = declarations_.at(base.type);
  const Instance* instance = base.id == kNoInstance ? nullptr : state.find_instance(base.id);
  if (base.nullable || (instance && instance->maybe)) {
    if (instance && keep_apart(*instance)) return std::nullopt;
    fail("E0204", i, fmt::format("{} here", describe(base)), "test the pointer before using it",
         {note(base.origin, "it comes from here, and no path to here has tested it")});
    return std::nullopt;
  }
  if (!type.reads.empty()) {
    const auto structure = program_.host_types() ? program_.host_types()->structure(type.reads) : std::nullopt;
    if (structure) return probed_target(state, i, *structure, {Number::constant(0), Linear(0)}, off, width, write);
    fail("E0116", i, fmt::format("the host's types have no structure '{}', which '{}' is", type.reads, type.name),
         "name a file with the host's types (--btf)");
    return std::nullopt;
  }
  if (!type.view) {
    fail("E0212", i, fmt::format("{} cannot be dereferenced", describe(base)), "pass it to the functions of the interface",
         {note(base.origin, "it comes from here")});
    return std::nullopt;
  }
  Target target{MemClass::host};
  target.structure = &declarations_.at(*type.view);
  if (off < 0 || static_cast<unsigned>(off) + width > target.structure->bytes) {
    fail("E0217", i,
         fmt::format("bytes {}..{} lie outside '{}', which has {}", off, off + static_cast<std::int32_t>(width) - 1, target.structure->name,
                     target.structure->bytes),
         "use the fields that the interface declares");
    return std::nullopt;
  }
  target.offset = static_cast<std::uint32_t>(off);
  if (!record(i, {MemClass::host, false, false, true})) return std::nullopt;
  return target;
}

/// Memory of the host that may be absent. What its bytes are, the host's own type information says.
std::optional<Analyzer::Target> Analyzer::probed_target(State& state, ir::InsnIdx i, std::uint32_t structure, const Scalar& base, std::int32_t off,
                                                        unsigned width, bool write) {
  const std::string name = program_.host_types()->name(structure);
  if (write) {
    fail("E0215", i, fmt::format("'{}' is the host's and may only be read", name), "use the functions of the interface to change it");
    return std::nullopt;
  }
  const Number offset = state.number_of(base);
  if (!offset.is_constant()) {
    fail("E0216", i, fmt::format("'{}' is accessed at a variable offset", name), "name the field, or copy the array first");
    return std::nullopt;
  }
  const Integer first = Integer{static_cast<std::int64_t>(offset.constant_value())} + off;
  Target target{MemClass::host};
  if (first >= 0 && first <= UINT32_MAX) target.slot = program_.host_types()->field(structure, static_cast<std::uint64_t>(first), width);
  if (!target.slot) {
    fail("E0217", i,
         fmt::format("bytes {}..{} of '{}' lie outside it, or are a part of an address", static_cast<std::int64_t>(first),
                     static_cast<std::int64_t>(first + width - 1), name),
         "read the fields that the host's types have, and addresses as a whole");
    return std::nullopt;
  }
  if (!record(i, {MemClass::host, false, false, true})) return std::nullopt;
  return target;
}

Value Analyzer::slot_value(State& state, ir::InsnIdx i, const ir::HostTypes::Slot& slot, unsigned width, bool sign_extend) {
  if (!slot.is_pointer) return unknown_value(state, loaded_number(width, sign_extend), i);
  Value value = Value::of(Kind::probed, {Number::constant(0), Linear(0)}, slot.structure);
  value.nullable = true;
  value.null_id = ++last_null_id_;
  value.escapes = escapes_of(hook_.may_escape);
  value.origin = i;
  return value;
}

/// The name of the function whose arguments the field holds.
std::string Analyzer::traced_function(const interface::Field& field) const {
  const std::string& section = program_.section();
  const std::size_t slash = section.find('/');
  std::string name = slash == std::string::npos ? std::string() : section.substr(slash + 1);
  if (const std::size_t module = name.find(':'); module != std::string::npos) name = name.substr(module + 1);
  std::string function = field.traced;
  return function.replace(function.find('*'), 1, name);
}

Analyzer::Flow Analyzer::load_traced(State& state, ir::InsnIdx i, const interface::Field& field, std::size_t n, isa::Reg dst) {
  const std::string function = traced_function(field);
  const auto [known, fresh] = traced_.try_emplace({function, field.with_result});
  if (fresh && program_.host_types()) known->second = program_.host_types()->arguments(function, field.with_result);
  if (!known->second) {
    return fail("E0116", i, fmt::format("the host's types have no function '{}', whose arguments this program reads", function),
                "name a function that the host has in the section, or a file with the host's types (--btf)");
  }
  const auto& slots = *known->second;
  if (n >= slots.size())
    return fail("E0217", i, fmt::format("'{}' has {} arguments, this is number {}", function, slots.size(), n + 1), "read those that it has");
  state.reg(dst) = slot_value(state, i, slots[n], 8, false);
  return Flow::next;
}

std::optional<Analyzer::Target> Analyzer::find_target(State& state, ir::InsnIdx i, isa::Reg base_reg, std::int16_t off, unsigned width, bool write) {
  Value* used = use(state, i, base_reg);
  if (!used) return std::nullopt;
  const Value base = *used;
  switch (base.kind) {
    case Kind::scalar:
      if (!record(i, {MemClass::heap, false, false, false})) return std::nullopt;
      return Target{MemClass::heap};
    case Kind::global: {
      const Number offset = state.number_of(base.scalar);
      const Integer lo = Integer{offset.whole().smin()} + off, end = Integer{offset.whole().smax()} + off + width;
      const bool inside = lo >= 0 && end <= Integer{program_.globals()->bytes()};
      if (!record(i, {MemClass::heap, inside, is_power_of_two_aligned(offset, off, width), false})) return std::nullopt;
      return Target{MemClass::heap};
    }
    case Kind::stack:
      return stack_target(state, i, base, base_reg, off, width);
    case Kind::context:
      return context_target(state, i, base, off, width);
    case Kind::memory:
      if (!check_region(state, i, base, off, Linear(width), write)) return std::nullopt;
      if (!record(i, {MemClass::host, false, false, state.region(base.id).shared})) return std::nullopt;
      return Target{MemClass::host};
    case Kind::object:
      return object_target(state, i, base, off, width, write);
    case Kind::probed:
      return probed_target(state, i, base.id, base.scalar, off, width, write);
    case Kind::map:
      fail("E0212", i, fmt::format("{} cannot be dereferenced", describe(base)), "pass it to the functions of the interface",
           {note(base.origin, "it comes from here")});
      return std::nullopt;
    case Kind::none:
    case Kind::lost:
      break;
  }
  base::bug("an unusable value passed use()");
}

Analyzer::Flow Analyzer::load(State& state, ir::InsnIdx i, isa::Width width, bool sign_extend, isa::Reg dst, isa::Reg base, std::int16_t off) {
  const unsigned w = isa::bytes(width);
  const auto target = find_target(state, i, base, off, w, false);
  if (!target) return Flow::dead;
  if (target->slot) {
    state.reg(dst) = slot_value(state, i, *target->slot, w, sign_extend);
    return Flow::next;
  }
  if (target->structure) return load_field(state, i, *target, w, sign_extend, dst);
  switch (target->memory) {
    case MemClass::stack:
      return load_stack(state, i, *target, w, sign_extend, dst);
    case MemClass::context:
    case MemClass::heap:
    case MemClass::heap_stack:
    case MemClass::host:
      state.reg(dst) = unknown_value(state, loaded_number(w, sign_extend), i);
      return Flow::next;
    case MemClass::unreachable:
      break;
  }
  base::bug("an access without a class");
}

Analyzer::Flow Analyzer::load_stack(State& state, ir::InsnIdx i, const Target& target, unsigned width, bool sign_extend, isa::Reg dst) {
  const Stack& stack = state.frames[target.frame].stack;
  const auto bytes = static_cast<std::int32_t>(width);
  const Stack::Slot* slot = target.lo == target.hi ? stack.exact(target.lo, bytes) : nullptr;
  const bool lives_here = slot && slot->value.kind == Kind::object && declarations_.at(slot->value.type).stack_bytes != 0;
  if (slot && !lives_here && slot->value.kind != Kind::lost && (width == 8 || slot->value.kind == Kind::scalar)) {
    Value value = slot->value;
    if (sign_extend && width < 8) value = unknown_value(state, state.number_of(value.scalar).sign_extended(width * 8, true), i);
    state.reg(dst) = value;
    return Flow::next;
  }
  const std::int32_t span = target.hi - target.lo + bytes;
  if (const Stack::Slot* pointer = stack.pointer_in(target.lo, span)) {
    if (slot == pointer && !lives_here) {  // a lost value: let use() explain it
      state.reg(dst) = slot->value;
      return use(state, i, dst) ? Flow::next : Flow::dead;
    }
    return fail("E0208", i, fmt::format("part of {} is read as a number", describe(pointer->value)),
                "read the pointer as a whole, from a known place");
  }
  if (!stack.initialised(target.lo, span)) {
    return fail("E0203", i, fmt::format("the stack bytes r10{:+}..r10{:+} are not written on every path to here", target.lo, target.lo + span - 1),
                "initialise the variable on every path");
  }
  state.reg(dst) = unknown_value(state, loaded_number(width, sign_extend), i);
  return Flow::next;
}

/// A pointer of the context into its memory; nothing when the bytes are none.
std::optional<Value> Analyzer::load_mark(State& state, const Target& target, unsigned width) const {
  if (target.memory != MemClass::context) return std::nullopt;
  for (std::size_t r = 0; r < target.structure->ranges.size(); ++r) {
    const interface::MemRange& range = target.structure->ranges[r];
    for (std::size_t m = 0; m < range.marks.size(); ++m) {
      if (range.marks[m].offset != target.offset || width != range.pointer_bytes) continue;
      const Region& region = state.region(range_regions_[target.context][r]);
      const bool last = m + 1 == range.marks.size();
      const Linear offset = m == 0 ? Linear(0) : last ? region.size : region.marks[m - 1];
      Value value = Value::of(Kind::memory, {m == 0 ? Number::constant(0) : Number(), offset}, region.id);
      value.escapes = escapes_of(hook_.may_escape);
      return value;
    }
  }
  return std::nullopt;
}

/// The address that a pointer field holds.
Value Analyzer::load_pointer(State& state, ir::InsnIdx i, const interface::Type& type) {
  Value value;
  if (const auto* structure = std::get_if<interface::StructRef>(&type)) return struct_value(*structure, i);
  if (const auto* object = std::get_if<interface::ObjectRef>(&type)) {
    value.kind = Kind::object;
    value.type = object->type;
    value.nullable = object->nullable;
    value.null_id = ++last_null_id_;
  } else {
    const auto& mem = std::get<interface::Mem>(type);
    const std::pair<std::uint32_t, std::uint32_t> site{i.value, 0};
    RegionId& known = site_regions_[site];
    if (known == 0) known = ++last_region_;
    if (!state.find_region(known)) {
      const auto bytes = static_cast<std::int64_t>(mem.element_bytes * mem.count.value_or(1));
      state.regions.push_back({.id = known, .size = Linear(bytes), .access = mem.access, .shared = true, .unique = false});
    }
    value = Value::of(Kind::memory, {Number::constant(0), Linear(0)}, known);
    value.nullable = mem.nullable;
    value.null_id = ++last_null_id_;
  }
  return value;
}

/// The field that holds all of the bytes, and whether they are one whole element of it.
const interface::Field* Analyzer::field_at(const Target& target, unsigned width, bool& whole) {
  for (const interface::Field& field : target.structure->fields) {
    const std::uint32_t bytes = field.pointer ? 8 : field.type.bits / 8u;
    if (target.offset < field.offset || target.offset + width > field.offset + bytes * field.count) continue;
    whole = (target.offset - field.offset) % bytes == 0 && width == bytes;
    return &field;
  }
  return nullptr;
}

Analyzer::Flow Analyzer::load_field(State& state, ir::InsnIdx i, const Target& target, unsigned width, bool sign_extend, isa::Reg dst) {
  const interface::Struct& structure = *target.structure;
  if (auto mark = load_mark(state, target, width)) {
    mark->origin = i;
    state.reg(dst) = *mark;
    return Flow::next;
  }
  bool whole = false;
  const interface::Field* field = field_at(target, width, whole);
  if (!field || ((field->pointer || !field->traced.empty()) && !whole)) {
    return fail("E0217", i, fmt::format("bytes {}..{} of '{}' are no field of it", target.offset, target.offset + width - 1, structure.name),
                "use the fields that the interface declares; pointers are read as a whole");
  }
  if (!interface::may_read(field->access))
    return fail("E0215", i, fmt::format("'{}.{}' may not be read", structure.name, field->name), "use another field");
  if (!field->traced.empty()) return load_traced(state, i, *field, (target.offset - field->offset) / 8, dst);
  if (field->pointer) {
    Value value = load_pointer(state, i, *field->pointer);
    value.escapes = escapes_of(hook_.may_escape);
    value.origin = i;
    state.reg(dst) = value;
    return Flow::next;
  }
  Number number = loaded_number(width, sign_extend);
  const interface::Scalar& type = field->type;
  if (whole && type.is_signed && sign_extend) number = meet(number, Number::signed_range(type.lo, static_cast<std::int64_t>(type.hi)));
  if (whole && !type.is_signed && !sign_extend) number = meet(number, Number::unsigned_range(static_cast<std::uint64_t>(type.lo), type.hi));
  state.reg(dst) = unknown_value(state, number, i);
  return Flow::next;
}

Analyzer::Flow Analyzer::store(State& state, ir::InsnIdx i, isa::Width width, isa::Reg base, std::int16_t off, const isa::Operand& src) {
  const unsigned w = isa::bytes(width);
  Value value;
  if (const auto* imm = std::get_if<isa::Imm>(&src)) {
    value = Value::constant(static_cast<std::uint64_t>(imm->value));
    value.origin = i;
  } else {
    const Value* used = use(state, i, std::get<isa::Reg>(src));
    if (!used) return Flow::dead;
    value = *used;
  }
  const auto target = find_target(state, i, base, off, w, true);
  if (!target) return Flow::dead;
  if (target->structure) return store_field(state, i, *target, w, value);
  switch (target->memory) {
    case MemClass::stack:
      return store_stack(state, i, *target, w, value);
    case MemClass::context:
      break;
    case MemClass::heap_stack: {
      const bool hidden = value.is_host_pointer() || (value.kind == Kind::stack && !frame_in_heap(state, value.id));
      if (hidden && base == isa::kFramePointer && w == 8) {  // a spilled host pointer: its bytes become private
        if (!checking_) return store_stack(state, i, *target, w, value);
        auto& bytes = frames_.private_bytes[state.frame().function.index()];
        const auto deepest = static_cast<std::size_t>(-target->lo);
        if (bytes.size() < deepest) bytes.resize(deepest);
        for (std::int32_t o = target->lo; o < target->lo + 8; ++o) bytes[static_cast<std::size_t>(-o - 1)] = true;
        stop_ = again_ = true;
        return Flow::dead;
      }
      return may_enter_heap(state, i, value, kEscapesToHeap, "this frame, which lives in the heap") ? Flow::next : Flow::dead;
    }
    case MemClass::heap:
      return may_enter_heap(state, i, value, kEscapesToHeap, "the heap") ? Flow::next : Flow::dead;
    case MemClass::host:
      return may_enter_heap(state, i, value, kEscapesToMap, "host memory") ? Flow::next : Flow::dead;
    case MemClass::unreachable:
      break;
  }
  base::bug("an access without a class");
}

bool Analyzer::may_enter_heap(State& state, ir::InsnIdx i, const Value& value, Escape permit, std::string_view where) {
  if (value.is_number() || (value.is_host_pointer() && (value.escapes & permit))) return true;
  if (value.kind == Kind::stack) {
    if (frame_in_heap(state, value.id)) return true;
    escape(state.frames[value.id].function);
    return !stop_;
  }
  fail("E0210", i, fmt::format("{} is stored in {}", describe(value), where), "host pointers may only be kept in local variables",
       {note(value.origin, "it comes from here")});
  return false;
}

Analyzer::Flow Analyzer::store_stack(State& state, ir::InsnIdx i, const Target& target, unsigned width, const Value& value) {
  Stack& stack = state.frames[target.frame].stack;
  const auto bytes = static_cast<std::int32_t>(width);
  if (target.lo != target.hi) {
    if (!value.is_number()) {
      return fail("E0218", i, fmt::format("{} is stored at a variable place of the stack", describe(value)), "store pointers at constant indices",
                  {note(value.origin, "it comes from here")});
    }
    stack.write_somewhere(target.lo, target.hi, bytes);
    return Flow::next;
  }
  Value stored = value;
  if (is_lent(state, target.frame, target.lo, bytes)) {
    if (!may_enter_heap(state, i, value, kEscapesToHeap, "a variable of which the host has kept the address")) return Flow::dead;
    stack.fill(target.lo, bytes);
    return Flow::next;
  }
  if (width < 8) {
    if (!to_number(state, i, stored, "store a part of")) return Flow::dead;
    const Number number = state.number_of(stored.scalar).zero_extended(width * 8);
    const Integer top = (Integer{1} << (width * 8)) - 1;
    const bool exact = !number.is_constant() && state.within(stored.scalar.form, 0, top);
    const Scalar kept{number, stored.scalar.form};
    stored = exact ? Value::of(Kind::scalar, kept) : unknown_value(state, number, i);
  }
  stack.write(target.lo, bytes, stored);
  return Flow::next;
}

Analyzer::Flow Analyzer::store_field(State& state, ir::InsnIdx i, const Target& target, unsigned width, const Value& value) {
  const interface::Struct& structure = *target.structure;
  Value stored = value;
  if (!may_enter_heap(state, i, stored, kEscapesToHeap, fmt::format("'{}'", structure.name))) return Flow::dead;
  if (stored.is_host_pointer()) stored = unknown_value(state, Number(), i);
  if (!to_number(state, i, stored, "store")) return Flow::dead;
  bool whole = false;
  const interface::Field* field = field_at(target, width, whole);
  if (!field || field->pointer) {
    return fail("E0217", i, fmt::format("bytes {}..{} of '{}' are no writable field of it", target.offset, target.offset + width - 1, structure.name),
                "use the fields that the interface declares");
  }
  if (!interface::may_write(field->access))
    return fail("E0215", i, fmt::format("'{}.{}' may not be written", structure.name, field->name), "write only what the interface declares w or rw");
  const Number number = state.number_of(stored.scalar);
  const Word word = width == 8 ? number.whole() : number.whole().truncated(width * 8);
  const interface::Scalar& type = field->type;
  const bool fits = type.is_signed ? word.smin() >= type.lo && word.smax() <= static_cast<std::int64_t>(type.hi)
                                   : word.umin() >= static_cast<std::uint64_t>(type.lo) && word.umax() <= type.hi;
  const Word any = Word::unknown(type.bits);
  const bool unrestricted =
      type.is_signed ? type.lo == any.smin() && static_cast<std::int64_t>(type.hi) == any.smax() : type.lo == 0 && type.hi == any.umax();
  if (unrestricted || (whole && fits) || !checking_) return Flow::next;
  return fail("E0219", i, fmt::format("'{}.{}' takes {}..{}, this may be {}", structure.name, field->name, type.lo, type.hi, word.to_text()),
              "limit the value before storing it");
}

Analyzer::Flow Analyzer::atomic(State& state, ir::InsnIdx i, const isa::Atomic& insn) {
  const unsigned w = isa::bytes(insn.width);
  Value* source = use(state, i, insn.src);
  if (!source) return Flow::dead;
  const Value value = *source;
  if (insn.op == isa::AtomicOp::cmpxchg) {
    Value* expected = use(state, i, isa::Reg::r0);
    if (!expected || !may_enter_heap(state, i, Value(*expected), kEscapesToHeap, "memory by an atomic operation")) return Flow::dead;
  }
  const auto target = find_target(state, i, insn.base, insn.off, w, true);
  if (!target) return Flow::dead;
  if (!may_enter_heap(state, i, value, kEscapesToHeap, "memory by an atomic operation")) return Flow::dead;
  switch (target->memory) {
    case MemClass::stack: {
      Stack& stack = state.frames[target->frame].stack;
      const std::int32_t span = target->hi - target->lo + static_cast<std::int32_t>(w);
      if (stack.pointer_in(target->lo, span) || !stack.initialised(target->lo, span)) {
        return fail("E0203", i, "an atomic operation on stack bytes that hold no number on some path to here",
                    "initialise the variable on every path");
      }
      stack.write_somewhere(target->lo, target->hi, static_cast<std::int32_t>(w));
      break;
    }
    case MemClass::context:
      return fail("E0220", i, "atomic operations on the context are not allowed",
                  "the context belongs to this invocation alone: use ordinary stores");
    case MemClass::host:
      if (target->structure)
        return fail("E0220", i, "atomic operations on fields of host objects are not allowed", "use the functions of the interface");
      if (!check_region(state, i, state.reg(insn.base), insn.off, Linear(w), false)) return Flow::dead;  // it reads, too
      break;
    case MemClass::heap:
    case MemClass::heap_stack:
      break;
    case MemClass::unreachable:
      base::bug("an access without a class");
  }
  if (insn.op == isa::AtomicOp::cmpxchg) {
    state.reg(isa::Reg::r0) = unknown_value(state, loaded_number(w, false), i);
  } else if (insn.fetch) {
    state.reg(insn.src) = unknown_value(state, loaded_number(w, false), i);
  }
  return Flow::next;
}

}  // namespace tenon::verify
