// SPDX-License-Identifier: Apache-2.0
// A call that needs others before it: producers of its objects, steps to their states, locks, modes.
#include <algorithm>
#include <utility>

#include "generator/pieces.hpp"

namespace tenon::fuzz {

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
    if (object != nullptr && object->state && chosen[i] >= 0 && !slip() && !bring_to_state(chosen[i], *object->state, depth, budget - 1))
      return false;
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
    if (!body_.undo[i]->releases_locks.empty() && body_.undo[i]->releases_locks[0].type == lock.type && body_.undo_objects[i][0] == locked)
      return true;
  }
  for (const Function& take : declarations_.functions) {
    if (take.acquires_locks.empty() || take.acquires_locks[0].type != lock.type || take.acquires_locks[0].field != lock.field ||
        take.parameters.size() != 1)
      continue;
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

}  // namespace tenon::fuzz
