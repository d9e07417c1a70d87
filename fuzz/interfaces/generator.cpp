// SPDX-License-Identifier: Apache-2.0
#include "generator.hpp"

#include <algorithm>
#include <utility>

namespace tenon::fuzz {

using interface::Conditional;
using interface::Function;
using interface::Mem;
using interface::ObjectRef;
using isa::AluOp;
using isa::CmpOp;
using isa::Imm;
using isa::Reg;
using isa::Width;

namespace {

constexpr int kFirstSlot = 8, kLastSlot = 96;     ///< distances below r10 of the slots that variables live in
constexpr int kBuffer = 256, kBufferBytes = 96;   ///< bytes that are passed as memory: r10-256 .. r10-160
constexpr int kObjects = 448;                     ///< objects that live in the stack: r10-448 upwards
constexpr std::uint64_t kDefaultCount = 8;
constexpr unsigned kMaxDepth = 3;

Reg reg(int n) { return static_cast<Reg>(n); }
Imm imm(std::uint64_t value) { return {static_cast<std::int32_t>(value)}; }

bool takes_locks_or_modes(const Function& f) { return !f.acquires_locks.empty() || !f.releases_locks.empty() || !f.enters.empty() || !f.exits.empty(); }

bool owns_result(const Function& f) {
  const auto* object = std::get_if<ObjectRef>(&f.result);
  return object != nullptr && object->mode == ObjectRef::Mode::own;
}

const ObjectRef* object_parameter(const Function& f, std::size_t i) { return std::get_if<ObjectRef>(&f.parameters[i].type); }

CmpOp compare_of(Conditional::Compare compare, bool is_signed) {
  switch (compare) {
    case Conditional::Compare::eq:
      return CmpOp::eq;
    case Conditional::Compare::ne:
      return CmpOp::ne;
    case Conditional::Compare::lt:
      return is_signed ? CmpOp::slt : CmpOp::ult;
    case Conditional::Compare::le:
      return is_signed ? CmpOp::sle : CmpOp::ule;
    case Conditional::Compare::gt:
      return is_signed ? CmpOp::sgt : CmpOp::ugt;
    case Conditional::Compare::ge:
      return is_signed ? CmpOp::sge : CmpOp::uge;
  }
  return CmpOp::eq;
}

}  // namespace

std::vector<ir::MapDefinition> maps_for(const interface::Declarations& declarations) {
  std::vector<ir::MapDefinition> maps;
  for (const Function& function : declarations.functions) {
    for (const interface::Parameter& parameter : function.parameters) {
      const auto* map = std::get_if<interface::MapRef>(&parameter.type);
      if (map == nullptr) continue;
      const auto key = static_cast<std::uint32_t>(map->key_bytes == 0 ? 4 : map->key_bytes), value = static_cast<std::uint32_t>(map->value_bytes == 0 ? 16 : map->value_bytes);
      const auto same = [&](const ir::MapDefinition& m) { return m.key_bytes == key && m.value_bytes == value; };
      if (std::none_of(maps.begin(), maps.end(), same)) maps.push_back({"map" + std::to_string(maps.size()), 1, key, value, 16});
    }
  }
  return maps;
}

// --- places ------------------------------------------------------------------------------------------------------------------------------------

int Generator::new_home(bool may_be_register) {
  std::vector<int> free;
  const auto used = [&](int home) { return std::any_of(body_.variables.begin(), body_.variables.end(), [&](const Variable& v) { return v.home == home; }); };
  for (int home = 6; may_be_register && home <= 9; ++home) {
    if (!used(home)) free.push_back(home);
  }
  for (int slot = kFirstSlot + 8; slot <= kLastSlot; slot += 8) {
    if (!used(slot)) free.push_back(slot);
  }
  return free.empty() ? kLastSlot : random_.pick(free);
}

int Generator::add(Variable variable) {
  body_.variables.push_back(variable);
  return static_cast<int>(body_.variables.size() - 1);
}

void Generator::load(const Variable& variable, Reg to) {
  if (variable.kind == Variable::Kind::stack_object) {
    move(to, Reg::r10);
    code().add(isa::Alu{AluOp::add, true, to, Imm{-variable.home}});
  } else if (variable.home <= 9) {
    move(to, reg(variable.home));
  } else {
    code().add(isa::Load{Width::w8, false, to, Reg::r10, static_cast<std::int16_t>(-variable.home)});
  }
}

void Generator::store(Reg from, const Variable& variable) {
  if (variable.home <= 9) {
    move(reg(variable.home), from);
  } else {
    code().add(isa::Store{Width::w8, Reg::r10, static_cast<std::int16_t>(-variable.home), from});
  }
}

std::uint32_t Generator::extern_of(const std::string& name) {
  const auto known = std::find(externs_.begin(), externs_.end(), name);
  if (known != externs_.end()) return static_cast<std::uint32_t>(known - externs_.begin());
  externs_.push_back(name);
  return static_cast<std::uint32_t>(externs_.size() - 1);
}

void Generator::host_call(const Function& function) { code().add(isa::Call{isa::Call::Kind::host, extern_of(function.name)}); }

std::vector<const Function*> Generator::functions_where(bool (*wanted)(const Function&)) const {
  std::vector<const Function*> found;
  for (const Function& function : declarations_.functions) {
    if (!function.builtin && wanted(function)) found.push_back(&function);
  }
  return found;
}

int Generator::any_variable(bool (*wanted)(const Variable&)) {
  std::vector<int> found;
  for (std::size_t i = 0; i < body_.variables.size(); ++i) {
    if (!body_.variables[i].gone && wanted(body_.variables[i])) found.push_back(static_cast<int>(i));
  }
  return found.empty() ? -1 : random_.pick(found);
}

// --- calls -------------------------------------------------------------------------------------------------------------------------------------

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
    const bool needed = (object != nullptr && object->mode != ObjectRef::Mode::create && !object->nullable) || (structure != nullptr && !structure->nullable);
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
      if ((map->key_bytes == 0 || maps_[m].key_bytes == map->key_bytes) && (map->value_bytes == 0 || maps_[m].value_bytes == map->value_bytes)) index = m;
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
    if (object->memory) made.bytes = object->memory->count_parameter ? kDefaultCount : object->memory->count.value_or(1) * object->memory->element_bytes;
    if (object->memory) made.access = object->memory->access;
  } else if (const auto* mem = std::get_if<Mem>(&function.result)) {
    made.kind = Variable::Kind::memory;
    made.maybe_null = mem->nullable;
    made.bytes = (mem->count_parameter ? kDefaultCount * mem->count_factor + mem->count_addend : mem->count.value_or(1)) * std::max<std::uint64_t>(mem->element_bytes, 1);
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
    const auto test = [&](Code::Label to) { code().branch(compare_of(clause.compare, scalar != nullptr && scalar->is_signed), is64, Reg::r0, imm(clause.value), to); };
    if (clause.effect == Effect::acquires || clause.effect == Effect::enters) {
      if (clause.effect == Effect::enters && clause.mode.mode.index() < declarations_.modes.size() && !function.on.empty() && &clause != &function.on.front()) continue;
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

// --- letting go --------------------------------------------------------------------------------------------------------------------------------

void Generator::release(std::size_t index, bool always_drop) {
  const Variable variable = body_.variables[index];
  if (slip()) return;
  const Code::Label skip = code().label();
  if (variable.maybe_null) {
    load(variable, Reg::r1);
    code().branch(CmpOp::eq, true, Reg::r1, Imm{0}, skip);
  }
  const auto drop = declarations_.at(variable.type).drop;
  if (!drop) return code().place(skip);
  const Function* how = &declarations_.at(*drop);
  if (!always_drop && random_.percent(20)) {  // another function that takes one
    for (const Function& other : declarations_.functions) {
      const ObjectRef* const object = other.parameters.size() == 1 ? object_parameter(other, 0) : nullptr;
      if (object == nullptr || object->mode != ObjectRef::Mode::own || object->type != variable.type || !other.on.empty()) continue;
      if (!object->state || object->state == variable.state) how = &other;
    }
  }
  load(variable, Reg::r1);
  host_call(*how);
  body_.variables[index].gone = true;
  code().place(skip);
}

void Generator::release_from(std::size_t first) {
  while (body_.owed.size() > first) {
    const std::size_t index = body_.owed.back();
    body_.owed.pop_back();
    if (!body_.variables[index].gone) release(index);
  }
}

void Generator::undo_from(std::size_t first) {
  while (body_.undo.size() > first) {
    const Function& undo = *body_.undo.back();
    if (!undo.parameters.empty() && body_.undo_objects.back()[0] >= 0) load(body_.variables[static_cast<std::size_t>(body_.undo_objects.back()[0])], Reg::r1);
    if (!slip()) host_call(undo);
    body_.undo.pop_back();
    body_.undo_objects.pop_back();
  }
}

void Generator::set_result() {
  if (!body_.result) return move(Reg::r0, imm(0));
  load_scalar(*body_.result, Reg::r0);
}

/// Everything given back, result set, out.
void Generator::leave() {
  undo_from(0);
  release_from(0);
  set_result();
  code().add(isa::Exit{});
}

void Generator::early_exit() {
  const Body before = body_;
  const int variable = any_variable([](const Variable& v) { return v.kind == Variable::Kind::scalar; });
  const Code::Label after = code().label();
  if (variable >= 0) load(body_.variables[static_cast<std::size_t>(variable)], Reg::r1);
  else code().add(isa::LoadImm{Reg::r1, isa::LoadImm::Kind::global, 0}), code().add(isa::Load{Width::w8, false, Reg::r1, Reg::r1, 0});
  code().branch(CmpOp::ugt, true, Reg::r1, Imm{static_cast<std::int64_t>(random_.below(8))}, after);
  leave();
  body_ = before;
  code().place(after);
}

// --- statements --------------------------------------------------------------------------------------------------------------------------------

void Generator::block(unsigned depth) {
  const std::size_t variables = body_.variables.size(), owed = body_.owed.size();
  for (std::uint64_t n = 1 + random_.below(4); n > 0 && statements_left_ > 0; --n) statement(depth);
  release_from(owed);
  if (body_.variables.size() > variables) body_.variables.resize(variables);
}

void Generator::statement(unsigned depth) {
  if (statements_left_ == 0) return;
  --statements_left_;
  const bool deep = depth >= kMaxDepth;
  switch (random_.below(30)) {
    case 0: case 1: case 2: case 3:
      return acquire(depth);
    case 4: case 5: case 6: case 7: case 8:
      return call_something(depth);
    case 9:
      return deep ? arithmetic() : if_else(depth);
    case 10: case 11:
      return deep ? touch_memory() : loop(depth);
    case 12: case 13:
      return deep ? touch_memory() : guarded_by_lock(depth);
    case 14:
      return deep ? touch_globals() : inside_mode(depth);
    case 15:
      return deep ? touch_memory() : iterate(depth);
    case 16: case 17:
      return touch_memory();
    case 18:
      return random_.percent(75) ? touch_packet() : touch_array();
    case 19:
      return random_.percent(50) ? touch_globals() : random_.percent(50) ? touch_atomically() : arithmetic();
    case 20:
      return random_.percent(70) ? alias() : early_exit();
    case 21:
      return rotate();
    case 22:
      return maybe_acquire(depth);
    case 23: case 24:
      return call_something(depth);
    case 25: case 26: case 27: case 28: case 29:
      return reach(depth);
    default:
      return deep || random_.percent(10) ? throw_something() : call_subprogram(depth);
  }
}

void Generator::acquire(unsigned depth) {
  const auto candidates = functions_where([](const Function& f) { return !takes_locks_or_modes(f) && f.on.empty() && (owns_result(f) || std::holds_alternative<Mem>(f.result) ||
                                                                          std::holds_alternative<ObjectRef>(f.result) || std::holds_alternative<interface::StructRef>(f.result)); });
  const Function* const chosen = pick_callable(candidates);
  if (chosen == nullptr) return arithmetic();
  const std::size_t before = body_.variables.size();
  if (!emit_call(*chosen, depth) || body_.variables.size() == before) return;
  Variable& made = body_.variables.back();
  const std::size_t index = body_.variables.size() - 1;
  if (!made.maybe_null || slip() || random_.percent(25)) return;  // untested: each use and the release test it
  const Code::Label there = code().label();
  code().branch(CmpOp::ne, true, Reg::r0, Imm{0}, there);
  const Body saved = body_;
  std::erase(body_.owed, index);
  leave();
  body_ = saved;
  code().place(there);
  body_.variables[index].maybe_null = false;
}

/// Any function of the interface, whatever it takes to get there.
void Generator::reach(unsigned depth) {
  const auto all = functions_where([](const Function& f) { return !f.no_return && f.releases_locks.empty() && f.exits.empty(); });
  if (all.empty()) return arithmetic();
  const std::size_t undo = body_.undo.size();
  pieces_left_ = 16;
  const Function& function = *random_.pick(all);
  if (achieve(function, depth, 7) && (!function.acquires_locks.empty() || !function.enters.empty()) && depth < kMaxDepth) statement(depth + 1);
  undo_from(undo);
}

bool Generator::achieve(const Function& function, unsigned depth, unsigned budget, std::vector<int> chosen) {
  if (budget == 0 || pieces_left_ == 0 || (std::get_if<ObjectRef>(&function.result) == nullptr && function.no_return)) return false;
  --pieces_left_;
  for (const interface::ModeRef& mode : function.in_modes) {
    if (!enter(mode, depth)) return false;
  }
  chosen.resize(function.parameters.size(), -1);
  const auto variable_called = [&](const std::string& instance) {
    for (std::size_t i = 0; i < function.parameters.size(); ++i) {
      const ObjectRef* const object = object_parameter(function, i);
      if (object != nullptr && object->instance == instance && chosen[i] >= 0) return chosen[i];
    }
    return -1;
  };
  // Those without an owner first: the others are got from them.
  for (const bool with_owner : {false, true}) {
    for (std::size_t i = 0; i < function.parameters.size(); ++i) {
      const ObjectRef* const object = object_parameter(function, i);
      if (object == nullptr || object->mode == ObjectRef::Mode::create || object->of.empty() == with_owner || chosen[i] >= 0) continue;
      if (object->nullable && random_.percent(30)) continue;
      const int same = object->instance.empty() ? -1 : variable_called(object->instance);
      chosen[i] = same >= 0 ? same : obtain(*object, with_owner ? variable_called(object->of) : -1, depth, budget - 1);
      if (chosen[i] < 0 && !object->nullable) return false;
    }
  }
  for (const interface::LockRef& lock : function.requires_locks) {
    if (!slip() && !take_lock(lock, function, chosen, depth, budget - 1)) return false;
  }
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const ObjectRef* const object = object_parameter(function, i);
    if (object != nullptr && object->state && chosen[i] >= 0 && !slip() && !bring_to_state(chosen[i], *object->state, depth, budget - 1)) return false;
  }
  const std::size_t before = body_.variables.size();
  if (!emit_call(function, depth, chosen)) return false;
  for (const interface::LockRef& lock : function.acquires_locks) {
    for (const Function& undo : declarations_.functions) {
      if (undo.releases_locks.empty() || undo.releases_locks[0].type != lock.type || undo.releases_locks[0].field != lock.field) continue;
      body_.undo.push_back(&undo);
      body_.undo_objects.push_back({variable_called(lock.instance), -1});
      break;
    }
  }
  if (function.acquires_locks.empty()) {
    for (const interface::ModeRef& mode : function.enters) {
      if (!declarations_.at(mode.mode).leave) continue;
      body_.undo.push_back(&declarations_.at(*declarations_.at(mode.mode).leave));
      body_.undo_objects.push_back({-1, -1});
    }
  }
  if (body_.variables.size() > before && random_.percent(85)) leave_if_null(static_cast<int>(before));
  return true;
}

int Generator::obtain(const ObjectRef& wanted, int owner, unsigned depth, unsigned budget) {
  std::vector<int> there;
  for (std::size_t i = 0; i < body_.variables.size(); ++i) {
    const Variable& v = body_.variables[i];
    const bool fits = v.kind == Variable::Kind::object && v.type == wanted.type && !v.gone && (owner < 0 || v.of == owner);
    if (fits && (wanted.mode != ObjectRef::Mode::own || v.owned)) there.push_back(static_cast<int>(i));
  }
  if (!there.empty() && random_.percent(80)) {
    const int found = random_.pick(there);
    if (random_.percent(80)) leave_if_null(found);
    return found;
  }
  std::vector<const Function*> producers;
  for (const Function& function : declarations_.functions) {
    const auto* object = std::get_if<ObjectRef>(&function.result);
    if (object == nullptr || object->type != wanted.type || !function.on.empty()) continue;
    if (wanted.mode != ObjectRef::Mode::own || object->mode == ObjectRef::Mode::own) producers.push_back(&function);
  }
  if (producers.empty()) return there.empty() ? -1 : random_.pick(there);
  const Function& producer = *random_.pick(producers);
  std::vector<int> chosen(producer.parameters.size(), -1);
  for (std::size_t i = 0; i < producer.parameters.size(); ++i) {
    const ObjectRef* const parameter = object_parameter(producer, i);
    if (parameter != nullptr && owner >= 0 && parameter->instance == std::get<ObjectRef>(producer.result).of) chosen[i] = owner;
  }
  const std::size_t before = body_.variables.size();
  if (!achieve(producer, depth, budget, chosen)) return -1;
  for (std::size_t i = body_.variables.size(); i > before; --i) {
    if (body_.variables[i - 1].kind == Variable::Kind::object && body_.variables[i - 1].type == wanted.type) return static_cast<int>(i - 1);
  }
  return -1;
}

bool Generator::bring_to_state(int variable, interface::StateIdx state, unsigned depth, unsigned budget) {
  const Variable& v = body_.variables[static_cast<std::size_t>(variable)];
  if (v.state == state) return true;
  for (const Function& step : declarations_.functions) {
    for (std::size_t i = 0; i < step.parameters.size(); ++i) {
      const ObjectRef* const object = object_parameter(step, i);
      if (object == nullptr || object->type != v.type || object->mode != ObjectRef::Mode::borrow) continue;
      const auto leads = [&](const Conditional& c) { return c.effect == Conditional::Effect::state && c.object == i && c.state == state; };
      if (object->next_state != state && std::none_of(step.on.begin(), step.on.end(), leads)) continue;
      std::vector<int> chosen(step.parameters.size(), -1);
      chosen[i] = variable;
      if (object->next_state != state) wanted_state_ = state;
      const bool done = achieve(step, depth, budget, chosen);
      wanted_state_.reset();
      if (!done) return false;
      return body_.variables[static_cast<std::size_t>(variable)].state == state;
    }
  }
  return false;
}

bool Generator::take_lock(const interface::LockRef& lock, const Function& function, const std::vector<int>& chosen, unsigned depth, unsigned budget) {
  int named = -1;
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const ObjectRef* const object = object_parameter(function, i);
    if (object != nullptr && object->instance == lock.instance) named = chosen[i];
  }
  int locked = named;
  if (lock.linked_type) {
    ObjectRef wanted;
    wanted.type = *lock.linked_type;
    locked = obtain(wanted, named, depth, budget);
  }
  if (locked < 0) return false;
  for (std::size_t i = 0; i < body_.undo.size(); ++i) {
    if (!body_.undo[i]->releases_locks.empty() && body_.undo[i]->releases_locks[0].type == lock.type && body_.undo_objects[i][0] == locked) return true;
  }
  for (const Function& take : declarations_.functions) {
    if (take.acquires_locks.empty() || take.acquires_locks[0].type != lock.type || take.acquires_locks[0].field != lock.field || take.parameters.size() != 1) continue;
    return achieve(take, depth, budget, {locked});
  }
  return false;
}

bool Generator::enter(const interface::ModeRef& mode, unsigned depth) {
  for (const Function* const undo : body_.undo) {
    if (!undo->exits.empty() && undo->exits[0].mode == mode.mode) return true;
  }
  for (const Function& function : declarations_.functions) {
    if (function.enters.empty() || function.enters[0].mode != mode.mode || !function.parameters.empty()) continue;
    return achieve(function, depth, 1);
  }
  return false;
}

void Generator::leave_if_null(int variable) {
  Variable& v = body_.variables[static_cast<std::size_t>(variable)];
  if (!v.maybe_null || slip()) return;
  const Code::Label there = code().label();
  load(v, Reg::r1);
  code().branch(CmpOp::ne, true, Reg::r1, Imm{0}, there);
  const Body saved = body_;
  std::erase(body_.owed, static_cast<std::size_t>(variable));
  leave();
  body_ = saved;
  code().place(there);
  body_.variables[static_cast<std::size_t>(variable)].maybe_null = false;
}

void Generator::call_something(unsigned depth) {
  const auto candidates = functions_where([](const Function& f) { return !takes_locks_or_modes(f) && !f.no_return && !owns_result(f); });
  const auto under_lock = functions_where([](const Function& f) { return !f.requires_locks.empty(); });
  if (random_.percent(4)) {
    const Function& builtin = declarations_.functions[random_.below(declarations_.functions.size())];
    if (builtin.builtin && !builtin.no_return) return static_cast<void>(emit_call(builtin, depth));
  }
  const bool prefer = !body_.undo.empty() && random_.percent(50);
  const Function* function = pick_callable(prefer ? under_lock : candidates);
  if (function == nullptr) function = pick_callable(candidates);
  if (function == nullptr || (!function->requires_locks.empty() && body_.undo.empty() && !slip())) return;
  emit_call(*function, depth);
}

const Function* Generator::pick_callable(const std::vector<const Function*>& from) {
  std::vector<const Function*> callable;
  for (const Function* function : from) {
    if (!arguments_for(*function, {})) continue;
    bool goes_on = !function->on.empty() || owns_result(*function);
    for (std::size_t i = 0; i < function->parameters.size(); ++i) goes_on = goes_on || (object_parameter(*function, i) != nullptr && object_parameter(*function, i)->state);
    callable.insert(callable.end(), goes_on ? 3 : 1, function);
  }
  return callable.empty() ? nullptr : random_.pick(callable);
}

void Generator::if_else(unsigned depth) {
  const int variable = any_variable([](const Variable& v) { return v.kind == Variable::Kind::scalar; });
  const Code::Label otherwise = code().label(), after = code().label();
  if (variable >= 0) load(body_.variables[static_cast<std::size_t>(variable)], Reg::r1);
  else code().add(isa::LoadImm{Reg::r1, isa::LoadImm::Kind::global, 8}), code().add(isa::Load{Width::w8, false, Reg::r1, Reg::r1, 0});
  code().branch(static_cast<CmpOp>(random_.below(11)), random_.percent(50), Reg::r1, Imm{static_cast<std::int64_t>(random_.below(6))}, otherwise);
  const Body before = body_;
  block(depth + 1);
  body_ = before;
  code().jump(after);
  code().place(otherwise);
  if (random_.percent(60)) block(depth + 1);
  body_ = before;
  code().place(after);
}

void Generator::loop(unsigned depth) {
  Variable counter;
  counter.home = new_home();
  const int index = add(counter);
  const Code::Label head = code().label(), end = code().label();
  move(Reg::r0, imm(0));
  store(Reg::r0, counter);
  code().place(head);
  load(counter, Reg::r1);
  const int bound = random_.percent(30) ? any_variable([](const Variable& v) { return v.kind == Variable::Kind::scalar; }) : -1;
  if (bound >= 0 && bound != index) {
    load(body_.variables[static_cast<std::size_t>(bound)], Reg::r2);
    code().branch(CmpOp::uge, true, Reg::r1, Reg::r2, end);
  } else {
    code().branch(random_.percent(50) ? CmpOp::uge : CmpOp::eq, true, Reg::r1, Imm{static_cast<std::int64_t>(1 + random_.below(4))}, end);
  }
  const Body before = body_;
  block(depth + 1);
  body_ = before;
  load(counter, Reg::r1);
  code().add(isa::Alu{AluOp::add, true, Reg::r1, Imm{1}});
  store(Reg::r1, counter);
  code().jump(head);
  code().place(end);
}

void Generator::guarded_by_lock(unsigned depth) {
  const auto candidates = functions_where([](const Function& f) { return !f.acquires_locks.empty() && f.on.empty(); });
  if (candidates.empty()) return arithmetic();
  const Function* const chosen = pick_callable(candidates);
  if (chosen == nullptr) return acquire(depth);
  const Function& take = *chosen;
  const auto used = arguments_for(take, {});
  if (!used || used->empty() || (*used)[0] < 0) return;
  leave_if_null((*used)[0]);
  if (!emit_call(take, depth, *used)) return;
  const auto type = take.acquires_locks[0].type;
  const Function* undo = nullptr;
  for (const Function& other : declarations_.functions) {
    if (!other.releases_locks.empty() && other.releases_locks[0].type == type && other.releases_locks[0].field == take.acquires_locks[0].field) undo = &other;
  }
  if (undo == nullptr) return;
  const std::size_t first = body_.undo.size(), owed = body_.owed.size();
  body_.undo.push_back(undo);
  body_.undo_objects.push_back({(*used)[0], -1});
  const std::size_t variables = body_.variables.size();
  for (std::uint64_t n = 1 + random_.below(3); n > 0 && statements_left_ > 0; --n) statement(depth + 1);
  if (random_.percent(50)) release_from(owed);
  undo_from(first);
  release_from(owed);
  body_.variables.resize(variables);
}

void Generator::inside_mode(unsigned depth) {
  const auto candidates = functions_where([](const Function& f) { return !f.enters.empty() && f.acquires_locks.empty() && f.on.empty(); });
  if (candidates.empty()) return touch_globals();
  const Function& enter = *random_.pick(candidates);
  if (!emit_call(enter, depth)) return;
  const auto leave_it = declarations_.at(enter.enters[0].mode).leave;
  if (!leave_it) return;
  const std::size_t first = body_.undo.size(), owed = body_.owed.size(), variables = body_.variables.size();
  body_.undo.push_back(&declarations_.at(*leave_it));
  body_.undo_objects.push_back({-1, -1});
  for (std::uint64_t n = 1 + random_.below(4); n > 0 && statements_left_ > 0; --n) statement(depth + 1);
  if (random_.percent(50)) release_from(owed);
  undo_from(first);
  release_from(owed);
  if (!slip()) body_.variables.resize(variables);
}

void Generator::iterate(unsigned depth) {
  if (declarations_.iterators.empty()) return touch_memory();
  const interface::Iterator& iterator = random_.pick(declarations_.iterators);
  const Function& make = declarations_.at(*iterator.make);
  const Function& next = declarations_.at(*iterator.next);
  const Function& drop = declarations_.at(*declarations_.at(iterator.type).drop);
  const std::size_t variables = body_.variables.size(), owed = body_.owed.size();
  Variable made;
  made.type = iterator.type;
  made.owned = true;
  const Code::Label head = code().label(), end = code().label(), none = code().label();
  const auto used = arguments_for(make, {});
  if (!used) return;
  for (std::size_t i = 0; i < make.parameters.size(); ++i) {
    const ObjectRef* const object = object_parameter(make, i);
    if (object != nullptr && object->mode == ObjectRef::Mode::create) {
      made.kind = Variable::Kind::stack_object;
      made.home = kObjects - static_cast<int>(depth % 3) * 64;
      load(made, reg(static_cast<int>(i) + 1));
    } else {
      load_argument(make, i, (*used)[i], reg(static_cast<int>(i) + 1), depth);
    }
  }
  host_call(make);
  if (made.kind != Variable::Kind::stack_object) {
    made.kind = Variable::Kind::object;
    made.home = new_home();
    store(Reg::r0, made);
    const auto* object = std::get_if<ObjectRef>(&make.result);
    if (object != nullptr && object->nullable && !slip()) code().branch(CmpOp::eq, true, Reg::r0, Imm{0}, none);
  }
  const int index = add(made);
  body_.owed.push_back(static_cast<std::size_t>(index));
  code().place(head);
  load(made, Reg::r1);
  host_call(next);
  if (!slip()) code().branch(CmpOp::eq, true, Reg::r0, Imm{0}, end);
  const Body before = body_;
  const int element = keep_result(next, {index});
  if (element >= 0) body_.variables[static_cast<std::size_t>(element)].maybe_null = false;
  block(depth + 1);
  if (random_.percent(20)) early_exit();
  body_ = before;
  random_.percent(90) ? code().jump(head) : void();
  code().place(end);
  load(made, Reg::r1);
  if (!slip()) host_call(drop);
  body_.owed.resize(owed);
  body_.variables.resize(variables);
  code().place(none);
}

void Generator::touch_memory() {
  const int index = any_variable([](const Variable& v) { return v.kind == Variable::Kind::memory || v.kind == Variable::Kind::context || (v.kind == Variable::Kind::object && v.bytes != 0); });
  const int plain = any_variable([](const Variable& v) { return v.kind == Variable::Kind::object; });
  const int chosen = index < 0 ? plain : index;
  if (chosen < 0) return touch_globals();
  const Variable variable = body_.variables[static_cast<std::size_t>(chosen)];
  const Code::Label skip = code().label();
  load(variable, Reg::r1);
  if (variable.maybe_null && !slip()) code().branch(CmpOp::eq, true, Reg::r1, Imm{0}, skip);
  std::optional<interface::StructIdx> view;
  if (variable.kind == Variable::Kind::context) view = variable.structure;
  if (variable.kind == Variable::Kind::object && variable.bytes == 0) view = declarations_.at(variable.type).view;
  if (view && !declarations_.at(*view).fields.empty()) {
    const interface::Field& field = random_.pick(declarations_.at(*view).fields);
    const auto width = static_cast<Width>(field.pointer ? 8 : field.type.bits / 8);
    const auto off = static_cast<std::int16_t>(field.offset + (slip() ? 4 : 0));
    if (!field.pointer && interface::may_write(field.access) && random_.percent(60)) {
      load_scalar(field.type, Reg::r2);
      code().add(isa::Store{width, Reg::r1, off, Reg::r2});
    } else {
      code().add(isa::Load{width, false, Reg::r0, Reg::r1, off});
    }
  } else if (variable.bytes != 0) {
    const std::uint64_t bytes = variable.bytes + (slip() ? 8 : 0);
    const Width width = static_cast<Width>(1u << random_.below(bytes >= 8 ? 4 : 1));
    std::uint64_t off = random_.below(bytes - std::min<std::uint64_t>(bytes, isa::bytes(width)) + 1);
    if (random_.percent(30)) {  // at an index that is only known to be small
      code().add(isa::LoadImm{Reg::r2, isa::LoadImm::Kind::global, random_.below(8) * 8});
      code().add(isa::Load{Width::w8, false, Reg::r2, Reg::r2, 0});
      if (random_.percent(50)) code().add(isa::Alu{AluOp::bit_and, true, Reg::r2, Imm{static_cast<std::int64_t>(bytes > 7 ? 7 : 0)}});
      else code().branch(CmpOp::ugt, random_.percent(90), Reg::r2, Imm{static_cast<std::int64_t>(bytes - 1)}, skip);
      code().add(isa::Alu{AluOp::add, true, Reg::r1, Reg::r2});
      off = 0;
    }
    const Width w = random_.percent(50) && off == 0 ? Width::w1 : width;
    if (interface::may_write(variable.access) && random_.percent(50)) code().add(isa::Store{w, Reg::r1, static_cast<std::int16_t>(off), Imm{1}});
    else code().add(isa::Load{w, false, Reg::r0, Reg::r1, static_cast<std::int16_t>(off)});
  }
  code().place(skip);
}

void Generator::touch_packet() {
  const int index = any_variable([](const Variable& v) { return v.kind == Variable::Kind::context; });
  if (index < 0) return touch_memory();
  const Variable variable = body_.variables[static_cast<std::size_t>(index)];
  const interface::Struct& structure = declarations_.at(variable.structure);
  if (structure.ranges.empty() || variable.maybe_null) return touch_memory();
  const interface::MemRange& range = random_.pick(structure.ranges);
  if (range.pointer_bytes != 8) return;
  const std::size_t m = random_.below(range.marks.size() - 1);
  const Code::Label skip = code().label(), head = code().label();
  load(variable, Reg::r1);
  code().add(isa::Load{Width::w8, false, Reg::r2, Reg::r1, static_cast<std::int16_t>(range.marks[m].offset)});
  code().add(isa::Load{Width::w8, false, Reg::r3, Reg::r1, static_cast<std::int16_t>(range.marks[m + 1].offset)});
  const std::int64_t bytes = static_cast<std::int64_t>(1 + random_.below(12));
  const bool loops = random_.percent(30);
  if (loops) code().place(head);
  move(Reg::r4, Reg::r2);
  if (random_.percent(30)) {  // from an index out of the heap
    code().add(isa::LoadImm{Reg::r5, isa::LoadImm::Kind::global, random_.below(8) * 8});
    code().add(isa::Load{random_.percent(50) ? Width::w1 : Width::w4, false, Reg::r5, Reg::r5, 0});
    code().add(isa::Alu{AluOp::add, true, Reg::r2, Reg::r5});
    move(Reg::r4, Reg::r2);
  }
  code().add(isa::Alu{AluOp::add, true, Reg::r4, Imm{bytes}});
  static const std::vector<CmpOp> kChecks{CmpOp::ugt, CmpOp::ugt, CmpOp::ugt, CmpOp::uge};
  code().branch(slip() ? static_cast<CmpOp>(random_.below(11)) : random_.pick(kChecks), true, Reg::r4, Reg::r3, skip);
  const std::int64_t width = bytes >= 8 ? 8 : bytes >= 4 ? 4 : bytes >= 2 ? 2 : 1;
  const auto off = static_cast<std::int16_t>(static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(bytes - width + 1))) + (slip() ? 1 : 0));
  if (interface::may_write(range.access) && random_.percent(50)) code().add(isa::Store{static_cast<Width>(width), Reg::r2, off, Imm{3}});
  else if (interface::may_read(range.access)) code().add(isa::Load{static_cast<Width>(width), false, Reg::r0, Reg::r2, off});
  if (loops) {
    code().add(isa::Alu{AluOp::add, true, Reg::r2, Imm{1 + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(bytes)))}});
    code().jump(head);
  }
  code().place(skip);
}

void Generator::touch_globals() {
  code().add(isa::LoadImm{Reg::r1, isa::LoadImm::Kind::global, random_.below(16) * 8});
  if (random_.percent(50)) {
    Variable made;
    made.home = new_home();
    code().add(isa::Load{random_.percent(50) ? Width::w8 : Width::w1, false, Reg::r0, Reg::r1, 0});
    store(Reg::r0, made);
    add(made);
  } else {
    const int variable = any_variable([](const Variable& v) { return v.kind == Variable::Kind::scalar; });
    const int object = any_variable([](const Variable& v) { return v.kind == Variable::Kind::object; });
    const int chosen = object >= 0 && slip() ? object : variable;
    if (chosen < 0) return;
    load(body_.variables[static_cast<std::size_t>(chosen)], Reg::r2);
    code().add(isa::Store{Width::w8, Reg::r1, 0, Reg::r2});
  }
}

/// In the globals, or in a field of the context.
void Generator::touch_atomically() {
  const int index = any_variable([](const Variable& v) { return v.kind == Variable::Kind::context && !v.maybe_null; });
  Width width = random_.percent(50) ? Width::w4 : Width::w8;
  std::int16_t off = 0;
  if (index >= 0 && random_.percent(50) && !declarations_.at(body_.variables[static_cast<std::size_t>(index)].structure).fields.empty()) {
    const interface::Field& field = random_.pick(declarations_.at(body_.variables[static_cast<std::size_t>(index)].structure).fields);
    load(body_.variables[static_cast<std::size_t>(index)], Reg::r1);
    width = static_cast<Width>(field.type.bits / 8);
    off = static_cast<std::int16_t>(field.offset);
  } else {
    code().add(isa::LoadImm{Reg::r1, isa::LoadImm::Kind::global, random_.below(16) * 8});
  }
  move(Reg::r2, imm(random_.below(6)));
  switch (random_.below(4)) {
    case 0:
      return code().add(isa::LoadAcquire{width, Reg::r0, Reg::r1, off});
    case 1:
      return code().add(isa::StoreRelease{width, Reg::r1, Reg::r2, off});
    default:
      move(Reg::r0, imm(0));
      return code().add(isa::Atomic{static_cast<isa::AtomicOp>(random_.below(6)), true, random_.percent(50) ? Width::w4 : Width::w8, Reg::r1, Reg::r2, off});
  }
}

/// Bytes of the stack at an index that is only known to be small.
void Generator::touch_array() {
  for (int at = 0; at < 64; at += 8) {
    if (!slip()) code().add(isa::Store{Width::w8, Reg::r10, static_cast<std::int16_t>(at - kBuffer), Imm{at}});
  }
  code().add(isa::LoadImm{Reg::r1, isa::LoadImm::Kind::global, random_.below(8) * 8});
  code().add(isa::Load{Width::w8, false, Reg::r1, Reg::r1, 0});
  if (random_.percent(50)) {
    code().add(isa::Alu{AluOp::bit_and, true, Reg::r1, Imm{slip() ? 15 : 7}});
    code().add(isa::Alu{AluOp::lsh, true, Reg::r1, Imm{3}});
  } else {
    code().add(isa::Alu{AluOp::umod, random_.percent(50), Reg::r1, Imm{57}});
  }
  move(Reg::r2, Reg::r10);
  code().add(isa::Alu{AluOp::add, true, Reg::r2, Reg::r1});
  const int object = any_variable([](const Variable& v) { return v.kind == Variable::Kind::object; });
  if (random_.percent(50)) code().add(isa::Load{Width::w8, false, Reg::r0, Reg::r2, -kBuffer});
  else if (object >= 0 && slip()) load(body_.variables[static_cast<std::size_t>(object)], Reg::r3), code().add(isa::Store{Width::w8, Reg::r2, -kBuffer, Reg::r3});
  else code().add(isa::Store{Width::w8, Reg::r2, -kBuffer, Imm{5}});
}

void Generator::arithmetic() {
  Variable made;
  made.home = new_home();
  const int variable = any_variable([](const Variable& v) { return v.kind == Variable::Kind::scalar; });
  if (variable >= 0) load(body_.variables[static_cast<std::size_t>(variable)], Reg::r0);
  else move(Reg::r0, imm(random_.below(16)));
  switch (random_.below(12)) {
    case 0:
      code().add(isa::MoveSx{static_cast<std::uint8_t>(8u << random_.below(3)), true, Reg::r0, Reg::r0});
      break;
    case 1:
      code().add(isa::Neg{random_.percent(50), Reg::r0});
      break;
    case 2:
      code().add(isa::ByteSwap{isa::ByteSwap::Kind::swap, static_cast<std::uint8_t>(16u << random_.below(3)), Reg::r0});
      break;
    default:
      code().add(isa::Alu{static_cast<AluOp>(random_.below(14)), random_.percent(60), Reg::r0, imm(random_.below(40))});
      break;
  }
  store(Reg::r0, made);
  add(made);
}

/// A second name for an object, which then may go by either.
void Generator::alias() {
  const int index = any_variable([](const Variable& v) { return v.kind == Variable::Kind::object && v.owned; });
  if (index < 0) return arithmetic();
  Variable second = body_.variables[static_cast<std::size_t>(index)];
  second.home = new_home();
  load(body_.variables[static_cast<std::size_t>(index)], Reg::r0);
  store(Reg::r0, second);
  if (random_.percent(50)) {
    std::replace(body_.owed.begin(), body_.owed.end(), static_cast<std::size_t>(index), body_.variables.size());
    body_.variables[static_cast<std::size_t>(index)].owned = false;
  } else {
    second.owned = false;
  }
  add(second);
}

/// x = 0; while (..) { if (x) put(x); x = get(); } if (x) put(x);
void Generator::rotate() {
  const auto candidates = functions_where([](const Function& f) { return owns_result(f) && f.on.empty() && !takes_locks_or_modes(f); });
  if (candidates.empty()) return;
  const Function& get = *random_.pick(candidates);
  const auto used = arguments_for(get, {});
  const auto* object = std::get_if<ObjectRef>(&get.result);
  const auto drop = declarations_.at(object->type).drop;
  if (!used || !drop) return;
  for (const int v : *used) {
    if (v >= 0 && body_.variables[static_cast<std::size_t>(v)].maybe_null) return;
  }
  Variable held, counter;
  held.home = new_home();
  held.kind = Variable::Kind::object;
  held.type = object->type;
  const std::size_t variables = body_.variables.size();
  add(held);
  counter.home = new_home();
  add(counter);
  const Code::Label head = code().label(), end = code().label(), none = code().label(), last = code().label();
  move(Reg::r0, imm(0));
  store(Reg::r0, held);
  store(Reg::r0, counter);
  code().place(head);
  load(counter, Reg::r1);
  code().branch(CmpOp::ugt, true, Reg::r1, Imm{3}, end);
  load(held, Reg::r1);
  if (!slip()) code().branch(CmpOp::eq, true, Reg::r1, Imm{0}, none);
  host_call(declarations_.at(*drop));
  code().place(none);
  for (std::size_t i = 0; i < get.parameters.size(); ++i) load_argument(get, i, (*used)[i], reg(static_cast<int>(i) + 1), kMaxDepth);
  host_call(get);
  store(Reg::r0, held);
  load(counter, Reg::r1);
  code().add(isa::Alu{AluOp::add, true, Reg::r1, Imm{1}});
  store(Reg::r1, counter);
  code().jump(head);
  code().place(end);
  load(held, Reg::r1);
  if (!slip()) code().branch(CmpOp::eq, true, Reg::r1, Imm{0}, last);
  host_call(declarations_.at(*drop));
  code().place(last);
  body_.variables.resize(variables);
}

/// if (c) { x = get(); flag = 1 } ... if (flag or x) put(x);
void Generator::maybe_acquire(unsigned depth) {
  const auto candidates = functions_where([](const Function& f) { return owns_result(f) && f.on.empty() && !takes_locks_or_modes(f); });
  if (candidates.empty()) return;
  const Function& get = *random_.pick(candidates);
  const auto used = arguments_for(get, {});
  const auto* object = std::get_if<ObjectRef>(&get.result);
  const auto drop = declarations_.at(object->type).drop;
  if (!used || !drop) return;
  for (const int v : *used) {
    if (v >= 0 && body_.variables[static_cast<std::size_t>(v)].maybe_null) return;
  }
  Variable held, flag;
  held.home = new_home();
  held.kind = Variable::Kind::object;
  held.type = object->type;
  held.gone = true;
  const std::size_t variables = body_.variables.size(), owed = body_.owed.size();
  add(held);
  flag.home = new_home();
  flag.gone = true;
  add(flag);
  const bool by_flag = random_.percent(50);
  const Code::Label skip = code().label(), none = code().label();
  move(Reg::r0, imm(0));
  store(Reg::r0, held);
  store(Reg::r0, flag);
  code().add(isa::LoadImm{Reg::r1, isa::LoadImm::Kind::global, random_.below(8) * 8});
  code().add(isa::Load{Width::w8, false, Reg::r1, Reg::r1, 0});
  code().branch(CmpOp::ugt, true, Reg::r1, Imm{4}, skip);
  for (std::size_t i = 0; i < get.parameters.size(); ++i) load_argument(get, i, (*used)[i], reg(static_cast<int>(i) + 1), kMaxDepth);
  host_call(get);
  store(Reg::r0, held);
  if (object->nullable && by_flag && !slip()) code().branch(CmpOp::eq, true, Reg::r0, Imm{0}, skip);
  move(Reg::r1, imm(1));
  store(Reg::r1, flag);
  code().place(skip);
  const Body before = body_;
  if (depth < kMaxDepth && random_.percent(50)) {
    statement(depth + 1);
    release_from(owed);
  }
  body_ = before;
  load(by_flag ? flag : held, Reg::r1);
  if (!slip()) code().branch(CmpOp::eq, true, Reg::r1, Imm{0}, none);
  load(held, Reg::r1);
  if (!slip()) host_call(declarations_.at(*drop));
  code().place(none);
  body_.variables.resize(variables);
}

void Generator::throw_something() {
  if (!random_.percent(10)) return arithmetic();
  const Body before = body_;
  const Code::Label after = code().label();
  code().add(isa::LoadImm{Reg::r1, isa::LoadImm::Kind::global, 16});
  code().add(isa::Load{Width::w8, false, Reg::r1, Reg::r1, 0});
  code().branch(CmpOp::ne, true, Reg::r1, Imm{1}, after);
  code().add(isa::Call{isa::Call::Kind::host, extern_of("bpf_throw")});
  set_result();
  code().add(isa::Exit{});
  code().place(after);
}

/// A function of the program that is lent one object, or given it.
void Generator::call_subprogram(unsigned depth) {
  if (functions_.size() > 4) return arithmetic();
  const int index = any_variable([](const Variable& v) { return v.kind == Variable::Kind::object && !v.maybe_null && v.state == std::nullopt; });
  const bool gives = index >= 0 && random_.percent(30) && std::find(body_.owed.begin(), body_.owed.end(), static_cast<std::size_t>(index)) != body_.owed.end();
  functions_.push_back({"f" + std::to_string(functions_.size()), {}, 1, false});
  const std::size_t callee = functions_.size() - 1;
  Body outer;
  std::swap(outer, body_);
  const std::size_t caller = std::exchange(current_, callee);
  Variable parameter;
  if (index >= 0) parameter = outer.variables[static_cast<std::size_t>(index)];
  parameter.home = new_home();
  parameter.owned = gives;
  store(Reg::r1, parameter);
  add(parameter);
  if (gives) body_.owed.push_back(0);
  body_.result = interface::Scalar{64, false, 0, UINT64_MAX};
  block(depth + 1);
  leave();
  current_ = caller;
  body_ = std::move(outer);
  if (index >= 0) load(body_.variables[static_cast<std::size_t>(index)], Reg::r1);
  else move(Reg::r1, imm(random_.below(8)));
  if (random_.percent(10)) {  // through a value
    functions_[callee].address_taken = true;
    code().add(isa::LoadImm{Reg::r2, isa::LoadImm::Kind::function, callee});
    code().add(isa::Call{isa::Call::Kind::indirect, 2});
  } else {
    code().add(isa::Call{isa::Call::Kind::local, static_cast<std::uint32_t>(callee)});
  }
  if (gives) {
    body_.variables[static_cast<std::size_t>(index)].gone = true;
    std::erase(body_.owed, static_cast<std::size_t>(index));
  }
}

std::uint32_t Generator::make_callback(const interface::Callback& callback, unsigned depth) {
  functions_.push_back({"f" + std::to_string(functions_.size()), {}, static_cast<std::uint8_t>(callback.parameters.size()), true});
  const std::size_t callee = functions_.size() - 1;
  Body outer;
  std::swap(outer, body_);
  const std::size_t caller = std::exchange(current_, callee);
  for (std::size_t i = 0; i < callback.parameters.size(); ++i) {
    Variable parameter;
    const interface::Type& type = callback.parameters[i];
    if (const auto* object = std::get_if<ObjectRef>(&type)) {
      parameter.kind = Variable::Kind::object;
      parameter.type = object->type;
      parameter.maybe_null = object->nullable;
      if (!declarations_.at(object->type).states.empty()) parameter.state = object->state.value_or(interface::StateIdx(0));
    } else if (const auto* mem = std::get_if<Mem>(&type)) {
      parameter.kind = Variable::Kind::memory;
      parameter.bytes = mem->count.value_or(1) * mem->element_bytes;
      parameter.access = mem->access;
      parameter.maybe_null = mem->nullable;
    } else if (const auto* structure = std::get_if<interface::StructRef>(&type)) {
      parameter.kind = Variable::Kind::context;
      parameter.structure = structure->type;
      parameter.maybe_null = structure->nullable;
    } else if (std::holds_alternative<interface::Opaque>(type)) {
      if (random_.percent(50)) code().add(isa::Store{Width::w8, reg(static_cast<int>(i) + 1), 0, Imm{static_cast<std::int64_t>(random_.below(4))}});
      continue;
    }
    parameter.home = new_home();
    store(reg(static_cast<int>(i) + 1), parameter);
    add(parameter);
  }
  if (const auto* result = std::get_if<interface::Scalar>(&callback.result)) body_.result = *result;
  if (depth < kMaxDepth && functions_.size() < 6) block(depth + 1);
  leave();
  current_ = caller;
  body_ = std::move(outer);
  return static_cast<std::uint32_t>(callee);
}

// --- whole programs ----------------------------------------------------------------------------------------------------------------------------

ir::Parts Generator::make(const interface::Hook& hook) {
  hook_ = &hook;
  functions_.assign(1, {"main", {}, static_cast<std::uint8_t>(hook.parameters.size()), false});
  externs_.clear();
  maps_ = maps_for(declarations_);
  current_ = 0;
  body_ = {};
  statements_left_ = static_cast<unsigned>(1 + random_.below(14));
  code().add(isa::Store{Width::w8, Reg::r10, -kFirstSlot, Imm{0}});
  for (std::size_t i = 0; i < hook.parameters.size(); ++i) {
    Variable parameter;
    const interface::Type& type = hook.parameters[i].type;
    if (const auto* object = std::get_if<ObjectRef>(&type)) {
      parameter.kind = Variable::Kind::object;
      parameter.type = object->type;
      parameter.owned = object->mode == ObjectRef::Mode::own;
      parameter.maybe_null = object->nullable;
      if (!declarations_.at(object->type).states.empty()) parameter.state = object->state.value_or(interface::StateIdx(0));
    } else if (const auto* structure = std::get_if<interface::StructRef>(&type)) {
      parameter.kind = Variable::Kind::context;
      parameter.structure = structure->type;
      parameter.maybe_null = structure->nullable;
    } else if (const auto* mem = std::get_if<Mem>(&type)) {
      parameter.kind = Variable::Kind::memory;
      parameter.bytes = mem->count.value_or(1) * mem->element_bytes;
      parameter.access = mem->access;
      parameter.maybe_null = mem->nullable;
    }
    parameter.home = new_home();
    store(reg(static_cast<int>(i) + 1), parameter);
    const int index = add(parameter);
    if (parameter.owned) body_.owed.push_back(static_cast<std::size_t>(index));
  }
  if (const auto* result = std::get_if<interface::Scalar>(&hook.result)) body_.result = *result;
  while (statements_left_ > 0) statement(0);
  leave();

  ir::Parts parts;
  parts.name = "main";
  parts.hook = hook.name;
  ir::Globals globals;
  globals.initial.resize(kGlobalsBytes);
  globals.sections = {{".data", 0, kGlobalsBytes}};
  for (FunctionText& text : functions_) {
    const std::size_t begin = parts.insns.size();
    const auto insns = text.code.finish(begin);
    parts.insns.insert(parts.insns.end(), insns.begin(), insns.end());
    ir::Function function;
    function.name = text.name;
    function.begin = ir::InsnIdx(begin);
    function.end = ir::InsnIdx(parts.insns.size());
    function.parameters = text.parameters;
    if (text.address_taken) {
      function.value = static_cast<std::uint32_t>(globals.functions.size());
      globals.functions.push_back(text.name);
    }
    parts.functions.push_back(std::move(function));
  }
  std::uint32_t slot = 0;
  for (const isa::Insn& insn : parts.insns) {
    parts.slots.push_back(slot);
    slot += std::holds_alternative<isa::LoadImm>(insn) ? 2 : 1;
  }
  parts.externs = externs_;
  parts.maps = maps_;
  parts.globals = std::make_shared<const ir::Globals>(std::move(globals));
  return parts;
}

}  // namespace tenon::fuzz
