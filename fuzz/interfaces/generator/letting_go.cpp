// SPDX-License-Identifier: Apache-2.0
// Giving back, undoing, leaving.
#include <algorithm>
#include <utility>

#include "generator/pieces.hpp"

namespace tenon::fuzz {

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
    if (!undo.parameters.empty() && body_.undo_objects.back()[0] >= 0)
      load(body_.variables[static_cast<std::size_t>(body_.undo_objects.back()[0])], Reg::r1);
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
  if (variable >= 0)
    load(body_.variables[static_cast<std::size_t>(variable)], Reg::r1);
  else
    code().add(isa::LoadImm{Reg::r1, isa::LoadImm::Kind::global, 0}), code().add(isa::Load{Width::w8, false, Reg::r1, Reg::r1, 0});
  code().branch(CmpOp::ugt, true, Reg::r1, Imm{static_cast<std::int64_t>(random_.below(8))}, after);
  leave();
  body_ = before;
  code().place(after);
}

}  // namespace tenon::fuzz
