// SPDX-License-Identifier: Apache-2.0
// What one call of a host function has established so far: which names of its declaration stand for what.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "verify/analyzer.hpp"

namespace tenon::verify {

struct Analyzer::Binding {
  explicit Binding(const interface::Function& function) : callee(function) {}

  const interface::Function& callee;
  std::map<std::string, InstanceId> instances;   // 'a -> instance
  std::map<std::string, ScopeId> scopes;         // 'r -> scope
  std::map<std::string, std::uint32_t> holders;  // 'f -> the map whose value holds it
  std::map<std::string, Value> opaque;           // 'x -> what was passed
  std::array<InstanceId, 5> objects{};           // by parameter
  std::vector<InstanceId> borrowed, consumed;
  std::vector<std::uint32_t> created;  // parameters whose object the function makes in the stack
  std::array<ArgClass, 5> classes{};
  std::array<std::optional<std::uint32_t>, 5> maps{};  // by parameter: index into ir::Program::maps
  std::array<std::optional<ir::FunctionIdx>, 5> callbacks{};
  struct Fill {
    std::uint32_t frame;
    std::int32_t lo, hi;
    std::uint64_t bytes;
    bool exact;
  };
  std::vector<Fill> fills;  // private stack that the host writes

  std::optional<InstanceId> instance(const std::string& name) const {
    const auto it = instances.find(name);
    return it == instances.end() ? std::nullopt : std::optional(it->second);
  }
};

/// True where the mode is active and the function may not be called in it.
bool mode_forbids(const interface::Declarations& declarations, interface::ModeIdx active, const interface::Function& callee);

}  // namespace tenon::verify
