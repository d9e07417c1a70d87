// SPDX-License-Identifier: Apache-2.0
// What an object's BTF says about its functions and extern names, indexed once and turned into the facts that ir::Program hands to the verifier.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ir/program.hpp"
#include "object/btf.hpp"

namespace tenon::object {

struct Declarations {
  std::map<std::pair<TypeId, std::uint32_t>, std::vector<std::string_view>> tags;  ///< by type and component (or kWholeDeclaration)
  std::map<std::string_view, TypeId> extern_functions;
  std::map<std::string_view, TypeId> kconfig, ksyms;    ///< extern variables, by section
  std::map<std::string_view, TypeId> kernel_functions;  ///< extern functions that .ksyms lists
};

/// Cost: O(types).
Declarations index_declarations(const Btf& btf);

/// The tags of a type or of one of its components, as text that can be shown.
std::vector<std::string> tags_of(const Declarations& declarations, TypeId type, std::uint32_t component = kWholeDeclaration);

ir::TypeFacts type_facts(const Btf& btf, TypeId id);

/// Requires: `function` is a function.
std::shared_ptr<const ir::Prototype> prototype_of(const Btf& btf, const Declarations& declarations, TypeId function);

}  // namespace tenon::object
