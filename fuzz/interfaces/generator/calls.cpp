// SPDX-License-Identifier: Apache-2.0
// One call of a host function: what is passed, what it changes, what is kept of it.
#include <algorithm>
#include <utility>

#include "generator/pieces.hpp"

namespace tenon::fuzz {

int Generator::choose_argument(const interface::Type& type, const std::vector<int>& taken) {
  std::vector<int> good, possible;
  for (std::size_t i = 0; i < body_.variables.size(); ++i) {
    const Variable& v = body_.variables[i];
    const int index = static_cast<int>(i);
    if (v.gone && !slip()) continue;
    if (const auto* object = std::get_if<ObjectRef>(&type)) {
      const bool is_object = v.kind == Variable::Kind::object || v.kind == Variable::Kind::stack_object;
      if (!is_object || v.type != object->type) continue;
      possible.push_back(index);
      if (object->mode == ObjectRef::Mode::own && (!v.owned || std::find(taken.begin(), taken.end(), index) != taken.end())) continue;
      if (!object->state || v.state == object->state) good.push_back(index);
    } else if (const auto* structure = std::get_if<interface::StructRef>(&type)) {
      if (v.kind == Variable::Kind::context && v.structure == structure->type) good.push_back(index);
    } else if (const auto* mem = std::get_if<Mem>(&type)) {
      if (v.kind == Variable::Kind::memory && !mem->count_parameter && v.bytes >= mem->count.value_or(1) * mem->element_bytes) good.push_back(index);
    }
  }
  if (!good.empty() && !slip()) return random_.pick(good);
  return possible.empty() || !slip() ? -1 : random_.pick(possible);
}

std::optional<std::vector<int>> Generator::arguments_for(const Function& function, const std::vector<int>& chosen) {
  std::vector<int> used;
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const interface::Type& type = function.parameters[i].type;
    if (i < chosen.size() && chosen[i] >= 0) {
      used.push_back(chosen[i]);
      continue;
    }
    used.push_back(choose_argument(type, used));
    const auto* object = std::get_if<ObjectRef>(&type);
    const auto* structure = std::get_if<interface::StructRef>(&type);
    const bool needed =
        (object != nullptr && object->mode != ObjectRef::Mode::create && !object->nullable) || (structure != nullptr && !structure->nullable);
    if (needed && used.back() < 0) return std::nullopt;
  }
  return used;
}

void Generator::load_scalar(const interface::Scalar& type, Reg to) {
  const int variable = any_variable([](const Variable& v) { return v.kind == Variable::Kind::scalar; });
  const bool is_whole = type.hi - static_cast<std::uint64_t>(type.lo) >= 0xff;
  if (variable >= 0 && (is_whole ? random_.percent(30) : slip())) return load(body_.variables[static_cast<std::size_t>(variable)], to);
  const std::uint64_t span = std::min<std::uint64_t>(type.hi - static_cast<std::uint64_t>(type.lo), 40);
  move(to, imm(static_cast<std::uint64_t>(type.lo) + random_.below(span + 1) + (slip() ? span : 0)));
}

/// Memory of the program's own: the buffer in the stack, initialised, or the globals.
void Generator::load_buffer(const Mem& mem, std::uint64_t bytes, Reg to) {
  if (random_.percent(20)) {
    code().add(isa::LoadImm{to, isa::LoadImm::Kind::global, random_.below(8) * 8});
    return;
  }
  const std::uint64_t rounded = std::min<std::uint64_t>((bytes + 7) / 8 * 8, static_cast<std::uint64_t>(kBufferBytes));
  if (mem.access != interface::Access::uninit || slip()) {
    for (std::uint64_t at = 0; at < rounded; at += 8) {
      if (!slip()) code().add(isa::Store{Width::w8, Reg::r10, static_cast<std::int16_t>(at - kBuffer), imm(random_.below(4))});
    }
  }
  move(to, Reg::r10);
  code().add(isa::Alu{AluOp::add, true, to, Imm{-kBuffer + (slip() ? 8 : 0)}});
}

void Generator::load_argument(const Function& function, std::size_t i, int variable, Reg to, unsigned depth) {
  const interface::Type& type = function.parameters[i].type;
  if (const auto* callback = std::get_if<interface::CallbackRef>(&type)) {
    if (callback->nullable && random_.percent(20)) return move(to, imm(0));
    const std::uint32_t callee = make_callback(declarations_.at(callback->type), depth);
    code().add(isa::LoadImm{to, isa::LoadImm::Kind::function, callee});
  } else if (const auto* map = std::get_if<interface::MapRef>(&type)) {
    std::uint64_t index = 0;
    for (std::uint64_t m = 0; m < maps_.size(); ++m) {
      if ((map->key_bytes == 0 || maps_[m].key_bytes == map->key_bytes) && (map->value_bytes == 0 || maps_[m].value_bytes == map->value_bytes))
        index = m;
    }
    code().add(isa::LoadImm{to, isa::LoadImm::Kind::map, slip() ? random_.below(maps_.size()) : index});
  } else if (std::holds_alternative<interface::Opaque>(type)) {
    move(to, Reg::r10);
    code().add(isa::Alu{AluOp::add, true, to, Imm{-kFirstSlot}});
  } else if (variable >= 0) {
    load(body_.variables[static_cast<std::size_t>(variable)], to);
  } else if (const auto* object = std::get_if<ObjectRef>(&type)) {
    move(to, imm(0));
    if (object->mode == ObjectRef::Mode::create) {
      move(to, Reg::r10);
      code().add(isa::Alu{AluOp::add, true, to, Imm{-kObjects + static_cast<int>(random_.below(3)) * 64}});
    }
  } else if (const auto* scalar = std::get_if<interface::Scalar>(&type)) {
    bool counts = false;
    for (const interface::Parameter& other : function.parameters) {
      const auto* mem = std::get_if<Mem>(&other.type);
      counts = counts || (mem != nullptr && mem->count_parameter == i);
    }
    if (counts && !slip()) {
      move(to, imm(std::clamp<std::uint64_t>(kDefaultCount, static_cast<std::uint64_t>(scalar->lo), scalar->hi)));
    } else {
      load_scalar(*scalar, to);
    }
  } else if (const auto* mem = std::get_if<Mem>(&type)) {
    if (mem->nullable && random_.percent(20)) return move(to, imm(0));
    const std::uint64_t count = mem->count_parameter ? kDefaultCount * mem->count_factor + mem->count_addend : mem->count.value_or(1);
    std::uint64_t element = mem->element_bytes;
    if (mem->part != Mem::MapPart::none) element = 16;
    load_buffer(*mem, count * element, to);
  } else {
    move(to, imm(0));
  }
}

void Generator::note_effects(const Function& function, const std::vector<int>& used) {
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const ObjectRef* const object = object_parameter(function, i);
    if (object == nullptr || used[i] < 0) continue;
    Variable& variable = body_.variables[static_cast<std::size_t>(used[i])];
    if (object->mode == ObjectRef::Mode::own) {
      variable.gone = true;
      std::erase(body_.owed, static_cast<std::size_t>(used[i]));
    }
    if (object->next_state) variable.state = object->next_state;
  }
}

int Generator::keep_result(const Function& function, const std::vector<int>& used) {
  Variable made;
  if (const auto* scalar = std::get_if<interface::Scalar>(&function.result)) {
    if (random_.percent(50)) return -1;
    static_cast<void>(scalar);
    made.kind = Variable::Kind::scalar;
  } else if (const auto* object = std::get_if<ObjectRef>(&function.result)) {
    made.kind = Variable::Kind::object;
    made.type = object->type;
    made.owned = object->mode == ObjectRef::Mode::own;
    made.maybe_null = object->nullable;
    const auto& states = declarations_.at(object->type).states;
    if (!states.empty()) made.state = object->state.value_or(interface::StateIdx(0));
    for (std::size_t i = 0; i < function.parameters.size(); ++i) {
      const ObjectRef* const parameter = object_parameter(function, i);
      if (parameter != nullptr && !object->of.empty() && parameter->instance == object->of) made.of = used[i];
    }
    if (object->memory)
      made.bytes = object->memory->count_parameter ? kDefaultCount : object->memory->count.value_or(1) * object->memory->element_bytes;
    if (object->memory) made.access = object->memory->access;
  } else if (const auto* mem = std::get_if<Mem>(&function.result)) {
    made.kind = Variable::Kind::memory;
    made.maybe_null = mem->nullable;
    made.bytes = (mem->count_parameter ? kDefaultCount * mem->count_factor + mem->count_addend : mem->count.value_or(1)) *
                 std::max<std::uint64_t>(mem->element_bytes, 1);
    if (mem->part != Mem::MapPart::none) made.bytes = 16;
    made.access = mem->access;
  } else if (const auto* structure = std::get_if<interface::StructRef>(&function.result)) {
    made.kind = Variable::Kind::context;
    made.structure = structure->type;
    made.maybe_null = structure->nullable;
  } else {
    return -1;
  }
  made.home = new_home();
  store(Reg::r0, made);
  const int index = add(made);
  if (made.owned) body_.owed.push_back(static_cast<std::size_t>(index));
  return index;
}

/// After a call with `on` clauses: the path on which one applies either goes its own way to the end, or is the one that goes on.
void Generator::handle_conditions(const Function& function, const std::vector<int>& used, unsigned depth) {
  using Effect = Conditional::Effect;
  for (const Conditional& clause : function.on) {
    if (clause.parameter || slip()) continue;
    const auto* scalar = std::get_if<interface::Scalar>(&function.result);
    const bool is64 = scalar == nullptr || scalar->bits == 64;
    const Code::Label applies = code().label(), after = code().label();
    const auto test = [&](Code::Label to) {
      code().branch(compare_of(clause.compare, scalar != nullptr && scalar->is_signed), is64, Reg::r0, imm(clause.value), to);
    };
    if (clause.effect == Effect::acquires || clause.effect == Effect::enters) {
      if (clause.effect == Effect::enters && clause.mode.mode.index() < declarations_.modes.size() && !function.on.empty() &&
          &clause != &function.on.front())
        continue;
      test(applies);
      code().jump(after);
      code().place(applies);
      const Body before = body_;
      if (depth < kMaxDepth) statement(depth + 1);
      for (const Function& undo : declarations_.functions) {
        const bool unlocks = clause.effect == Effect::acquires && !undo.releases_locks.empty() && undo.releases_locks[0].type == clause.lock.type;
        const bool exits = clause.effect == Effect::enters && !undo.exits.empty() && undo.exits[0].mode == clause.mode.mode;
        if (!unlocks && !exits) continue;
        if (!undo.parameters.empty() && used[0] >= 0) load(body_.variables[static_cast<std::size_t>(used[0])], Reg::r1);
        if (!slip()) host_call(undo);
        break;
      }
      release_from(before.owed.size());
      body_ = before;
      code().place(after);
      return;
    }
    const bool goes_on = clause.effect == Effect::state && wanted_state_ == clause.state;
    test(goes_on ? after : applies);
    if (!goes_on) code().jump(after);
    code().place(applies);
    const Body before = body_;
    if (goes_on) {
      leave();
      body_ = before;
      code().place(after);
      const int stepped = used[clause.object];
      if (stepped >= 0) body_.variables[static_cast<std::size_t>(stepped)].state = clause.state;
      continue;
    }
    const auto subject = static_cast<std::size_t>(clause.object);
    if (subject < used.size() && used[subject] >= 0) {
      Variable& variable = body_.variables[static_cast<std::size_t>(used[subject])];
      if (clause.effect == Effect::state) variable.state = clause.state;
      if (clause.effect == Effect::keeps) variable.gone = false, body_.owed.push_back(static_cast<std::size_t>(used[subject]));
      if (clause.effect == Effect::consumes) variable.gone = true, std::erase(body_.owed, static_cast<std::size_t>(used[subject]));
    }
    leave();
    body_ = before;
    code().place(after);
  }
}

bool Generator::emit_call(const Function& function, unsigned depth, const std::vector<int>& chosen) {
  const auto used = arguments_for(function, chosen);
  if (!used) return false;
  std::vector<Code::Label> skips;
  for (std::size_t i = 0; i < used->size(); ++i) {
    const int v = (*used)[i];
    if (v < 0 || !body_.variables[static_cast<std::size_t>(v)].maybe_null || slip()) continue;
    load(body_.variables[static_cast<std::size_t>(v)], Reg::r1);
    skips.push_back(code().label());
    code().branch(CmpOp::eq, true, Reg::r1, Imm{0}, skips.back());
  }
  const Body before = body_;
  for (std::size_t i = 0; i < function.parameters.size(); ++i) load_argument(function, i, (*used)[i], reg(static_cast<int>(i) + 1), depth);
  host_call(function);
  note_effects(function, *used);
  if (skips.empty()) {
    handle_conditions(function, *used, depth);
    const int kept = function.on.empty() ? keep_result(function, *used) : -1;
    if (kept < 0 && owns_result(function)) keep_result(function, *used);
    return true;
  }
  // Done only where the argument is there: what it gives is released at once, what it takes is zeroed in its place.
  handle_conditions(function, *used, depth);
  const std::size_t owed = body_.owed.size();
  keep_result(function, *used);
  release_from(owed);
  for (std::size_t i = 0; i < used->size(); ++i) {
    const ObjectRef* const object = object_parameter(function, i);
    const int v = (*used)[i];
    if (object == nullptr || v < 0 || object->mode != ObjectRef::Mode::own) continue;
    move(Reg::r0, imm(0));
    store(Reg::r0, before.variables[static_cast<std::size_t>(v)]);
  }
  body_ = before;
  for (const Code::Label label : skips) code().place(label);
  return true;
}

}  // namespace tenon::fuzz
