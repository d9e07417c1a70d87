// SPDX-License-Identifier: Apache-2.0
// Where variables live: registers, slots of the frame, globals, maps.
#include <algorithm>
#include <utility>

#include "generator/pieces.hpp"

namespace tenon::fuzz {

std::vector<ir::MapDefinition> maps_for(const interface::Declarations& declarations) {
  std::vector<ir::MapDefinition> maps;
  for (const Function& function : declarations.functions) {
    for (const interface::Parameter& parameter : function.parameters) {
      const auto* map = std::get_if<interface::MapRef>(&parameter.type);
      if (map == nullptr) continue;
      const auto key = static_cast<std::uint32_t>(map->key_bytes == 0 ? 4 : map->key_bytes),
                 value = static_cast<std::uint32_t>(map->value_bytes == 0 ? 16 : map->value_bytes);
      const auto same = [&](const ir::MapDefinition& m) { return m.key_bytes == key && m.value_bytes == value; };
      if (std::any_of(maps.begin(), maps.end(), same)) continue;
      ir::MapDefinition& made = maps.emplace_back();
      made.name = "map" + std::to_string(maps.size());
      made.kind = "hash";
      made.type = 1;
      made.key_bytes = key;
      made.value_bytes = value;
      made.max_entries = 16;
    }
  }
  return maps;
}

int Generator::new_home(bool may_be_register) {
  std::vector<int> free;
  const auto used = [&](int home) {
    return std::any_of(body_.variables.begin(), body_.variables.end(), [&](const Variable& v) { return v.home == home; });
  };
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

void Generator::host_call(const Function& function) { host_call(function.name); }
void Generator::host_call(const std::string& builtin) { code().add(isa::Call{isa::Call::Kind::host, extern_of(builtin)}); }

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

}  // namespace tenon::fuzz
