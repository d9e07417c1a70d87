// SPDX-License-Identifier: Apache-2.0
// Functions of the program: subprograms and callbacks.
#include <algorithm>
#include <utility>

#include "generator/pieces.hpp"

namespace tenon::fuzz {

/// A function of the program that is lent one object, or given it.
void Generator::call_subprogram(unsigned depth) {
  if (functions_.size() > 4) return arithmetic();
  const int index = any_variable([](const Variable& v) { return v.kind == Variable::Kind::object && !v.maybe_null && v.state == std::nullopt; });
  const bool gives =
      index >= 0 && random_.percent(30) && std::find(body_.owed.begin(), body_.owed.end(), static_cast<std::size_t>(index)) != body_.owed.end();
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
  if (index >= 0)
    load(body_.variables[static_cast<std::size_t>(index)], Reg::r1);
  else
    move(Reg::r1, imm(random_.below(8)));
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
  if (depth < kMaxDepth && functions_.size() < 6) {
    block(depth + 1);
    if (random_.percent(30)) throw_where(1);
  } else {
    touch_globals();
  }
  leave();
  current_ = caller;
  body_ = std::move(outer);
  return static_cast<std::uint32_t>(callee);
}

}  // namespace tenon::fuzz
