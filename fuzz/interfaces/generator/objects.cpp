// SPDX-License-Identifier: Apache-2.0
// Objects under several names, in other places, on some paths only.
#include <algorithm>
#include <utility>

#include "generator/pieces.hpp"

namespace tenon::fuzz {

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

/// A function that hands out what may be given back, and arguments for it that are there.
std::optional<Generator::Acquirer> Generator::pick_acquirer() {
  const auto candidates = functions_where([](const Function& f) { return owns_result(f) && f.on.empty() && !takes_locks_or_modes(f); });
  if (candidates.empty()) return std::nullopt;
  const Function& get = *random_.pick(candidates);
  const auto used = arguments_for(get, {});
  const auto* const object = std::get_if<ObjectRef>(&get.result);
  const auto drop = declarations_.at(object->type).drop;
  if (!used || !drop) return std::nullopt;
  for (const int v : *used) {
    if (v >= 0 && body_.variables[static_cast<std::size_t>(v)].maybe_null) return std::nullopt;
  }
  return Acquirer{&get, object, *used, &declarations_.at(*drop)};
}

/// x = 0; while (..) { if (x) put(x); x = get(); } if (x) put(x);
void Generator::rotate() {
  const auto acquirer = pick_acquirer();
  if (!acquirer) return;
  const Function& get = *acquirer->get;
  Variable held, counter;
  held.home = new_home();
  held.kind = Variable::Kind::object;
  held.type = acquirer->object->type;
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
  host_call(*acquirer->put);
  code().place(none);
  for (std::size_t i = 0; i < get.parameters.size(); ++i) load_argument(get, i, acquirer->arguments[i], reg(static_cast<int>(i) + 1), kMaxDepth);
  host_call(get);
  store(Reg::r0, held);
  load(counter, Reg::r1);
  code().add(isa::Alu{AluOp::add, true, Reg::r1, Imm{1}});
  store(Reg::r1, counter);
  code().jump(head);
  code().place(end);
  load(held, Reg::r1);
  if (!slip()) code().branch(CmpOp::eq, true, Reg::r1, Imm{0}, last);
  host_call(*acquirer->put);
  code().place(last);
  body_.variables.resize(variables);
}

/// if (c) { x = get(); flag = 1 } ... if (flag or x) put(x);
void Generator::maybe_acquire(unsigned depth) {
  const auto acquirer = pick_acquirer();
  if (!acquirer) return;
  const Function& get = *acquirer->get;
  Variable held, flag;
  held.home = new_home();
  held.kind = Variable::Kind::object;
  held.type = acquirer->object->type;
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
  for (std::size_t i = 0; i < get.parameters.size(); ++i) load_argument(get, i, acquirer->arguments[i], reg(static_cast<int>(i) + 1), kMaxDepth);
  host_call(get);
  store(Reg::r0, held);
  if (acquirer->object->nullable && by_flag && !slip()) code().branch(CmpOp::eq, true, Reg::r0, Imm{0}, skip);
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
  if (!slip()) host_call(*acquirer->put);
  code().place(none);
  body_.variables.resize(variables);
}

}  // namespace tenon::fuzz
