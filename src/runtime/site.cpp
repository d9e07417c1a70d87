// SPDX-License-Identifier: Apache-2.0
#include "runtime/site.hpp"

#include <variant>

#include "runtime/host_call.hpp"

namespace tenon::runtime {

namespace {

using interface::Declarations;
using interface::Function;
using interface::ObjectRef;

std::uint64_t mask_of(const interface::Type& type) {
  const auto* scalar = std::get_if<interface::Scalar>(&type);
  return scalar == nullptr || scalar->bits >= 64 ? ~0ull : (1ull << scalar->bits) - 1;
}

MemParameter describe(const Function& function, std::size_t index, const interface::Mem& mem) {
  MemParameter parameter;
  parameter.index = static_cast<std::uint8_t>(index);
  parameter.element_bytes = mem.element_bytes;
  parameter.constant_count = mem.count.value_or(1);
  if (mem.count_parameter) {
    parameter.count_parameter = static_cast<std::uint8_t>(*mem.count_parameter);
    parameter.count_mask = mask_of(function.parameters[*mem.count_parameter].type);
  }
  parameter.in_place = mem.shared;
  parameter.copy_in = mem.access != interface::Access::uninit;  // `w` too: what the host function leaves alone must stay as it was
  parameter.copy_out = interface::may_write(mem.access);
  parameter.nullable = mem.nullable;
  return parameter;
}

Callee describe(const Function& function, const HostFunction& binding, const std::vector<Drop>& drops) {
  Callee callee;
  callee.name = function.name;
  callee.entry = binding.entry;
  if (function.builtin) callee.builtin = find_builtin(function.name);
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const interface::Type& type = function.parameters[i].type;
    if (const auto* mem = std::get_if<interface::Mem>(&type)) callee.memory.push_back(describe(function, i, *mem));
    const auto* object = std::get_if<ObjectRef>(&type);
    if (object != nullptr && object->mode == ObjectRef::Mode::own) callee.consumes.push_back({static_cast<std::uint8_t>(i), object->type});
  }
  if (const auto* object = std::get_if<ObjectRef>(&function.result)) {
    callee.result_may_be_null = object->nullable;
    if (object->mode == ObjectRef::Mode::own) callee.acquires = &drops[object->type.index()];
  } else if (const auto* mem = std::get_if<interface::Mem>(&function.result)) {
    callee.result_may_be_null = mem->nullable;
  }
  return callee;
}

}  // namespace

CallTable::CallTable(const Declarations& declarations, const std::vector<HostFunction>& bindings) {
  const auto binding = [&](std::size_t function) { return function < bindings.size() ? bindings[function] : HostFunction{}; };
  for (std::size_t i = 0; i < declarations.object_types.size(); ++i) {
    const interface::ObjectType& type = declarations.object_types[i];
    drops_.push_back({interface::ObjectTypeIdx(i), type.drop ? binding(type.drop->index()).entry : nullptr});
    drop_names_.push_back(type.drop_name);
  }
  for (std::size_t i = 0; i < declarations.functions.size(); ++i) callees_.push_back(describe(declarations.functions[i], binding(i), drops_));
}

std::string CallTable::missing(std::size_t function) const {
  const Callee& callee = callees_[function];
  if (!callee.bound()) return callee.name;
  if (callee.acquires != nullptr && callee.acquires->entry == nullptr) return drop_names_[callee.acquires->type.index()];
  return {};
}

Site make_site(const CallTable& table, const abi::CallSite& call) {
  const Callee& callee = table.callee(call.host_function);
  const bool direct = callee.builtin == nullptr && callee.consumes.empty() && callee.acquires == nullptr && call.heap_arguments == 0 &&
                      callee.result_may_be_null;
  Site site;
  site.target = direct ? reinterpret_cast<void (*)()>(callee.entry) : reinterpret_cast<void (*)()>(&tenon_checked_call);
  site.instruction = call.instruction;
  site.heap_arguments = call.heap_arguments;
  site.callee = &callee;
  return site;
}

}  // namespace tenon::runtime
