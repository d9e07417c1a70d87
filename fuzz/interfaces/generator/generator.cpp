// SPDX-License-Identifier: Apache-2.0
// Whole programs.
#include <memory>
#include <utility>

#include "generator/pieces.hpp"

namespace tenon::fuzz {

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
