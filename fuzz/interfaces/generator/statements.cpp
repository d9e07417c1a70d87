// SPDX-License-Identifier: Apache-2.0
// What can stand in a block.
#include <algorithm>
#include <utility>

#include "generator/pieces.hpp"

namespace tenon::fuzz {

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
  switch (random_.below(35)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return acquire(depth);
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
      return call_something(depth);
    case 9:
      return deep ? arithmetic() : if_else(depth);
    case 10:
    case 11:
      return deep ? touch_memory() : loop(depth);
    case 12:
    case 13:
      return deep ? touch_memory() : guarded_by_lock(depth);
    case 14:
      return deep ? touch_globals() : inside_mode(depth);
    case 15:
      return deep ? touch_memory() : iterate(depth);
    case 16:
    case 17:
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
    case 23:
    case 24:
      return call_something(depth);
    case 25:
    case 26:
    case 27:
    case 28:
    case 29:
      return reach(depth);
    case 30:
    case 31:
      return catch_something(depth);
    case 32:
      return clean_up_later(depth);
    case 33:
      return make_in_stack(depth);
    default:
      return deep || random_.percent(10) ? throw_something() : call_subprogram(depth);
  }
}

void Generator::acquire(unsigned depth) {
  const auto candidates = functions_where([](const Function& f) {
    return !takes_locks_or_modes(f) && f.on.empty() &&
           (owns_result(f) || std::holds_alternative<Mem>(f.result) || std::holds_alternative<ObjectRef>(f.result) ||
            std::holds_alternative<interface::StructRef>(f.result));
  });
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
    for (std::size_t i = 0; i < function->parameters.size(); ++i)
      goes_on = goes_on || (object_parameter(*function, i) != nullptr && object_parameter(*function, i)->state);
    callable.insert(callable.end(), goes_on ? 3 : 1, function);
  }
  return callable.empty() ? nullptr : random_.pick(callable);
}

void Generator::if_else(unsigned depth) {
  const int variable = any_variable([](const Variable& v) { return v.kind == Variable::Kind::scalar; });
  const Code::Label otherwise = code().label(), after = code().label();
  if (variable >= 0)
    load(body_.variables[static_cast<std::size_t>(variable)], Reg::r1);
  else
    code().add(isa::LoadImm{Reg::r1, isa::LoadImm::Kind::global, 8}), code().add(isa::Load{Width::w8, false, Reg::r1, Reg::r1, 0});
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
    if (!other.releases_locks.empty() && other.releases_locks[0].type == type && other.releases_locks[0].field == take.acquires_locks[0].field)
      undo = &other;
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

/// An object in the stack, which other statements may use until the block ends.
void Generator::make_in_stack(unsigned depth) {
  const auto candidates = functions_where([](const Function& f) {
    return std::any_of(f.parameters.begin(), f.parameters.end(), [](const interface::Parameter& p) {
      const auto* object = std::get_if<ObjectRef>(&p.type);
      return object != nullptr && object->mode == ObjectRef::Mode::create;
    });
  });
  if (candidates.empty()) return touch_memory();
  const Function& make = *random_.pick(candidates);
  const auto used = arguments_for(make, {});
  if (!used) return;
  Variable made;
  made.kind = Variable::Kind::stack_object;
  made.owned = true;
  made.home = kBuffer + 32;  // between the iterators and the buffer
  for (std::size_t i = 0; i < make.parameters.size(); ++i) {
    const ObjectRef* const object = object_parameter(make, i);
    const bool creates = object != nullptr && object->mode == ObjectRef::Mode::create;
    if (creates) made.type = object->type;
    if (creates)
      load(made, reg(static_cast<int>(i) + 1));
    else
      load_argument(make, i, (*used)[i], reg(static_cast<int>(i) + 1), depth);
  }
  host_call(make);
  body_.owed.push_back(static_cast<std::size_t>(add(made)));
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

}  // namespace tenon::fuzz
