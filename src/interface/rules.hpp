// SPDX-License-Identifier: Apache-2.0
// What a .tni file must keep beyond its grammar.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <tenon/result.hpp>

#include "interface/declarations.hpp"
#include "interface/lexer.hpp"

namespace tenon::interface {

inline constexpr std::uint32_t kMaxStructBytes = 4096;
inline constexpr std::uint64_t kMaxMemBytes = 1ull << 30;

/// u8 to u64, s8 to s64, with the whole range of the type.
std::optional<Scalar> scalar_named(std::string_view name);

/// True when the number is a value of `type` (Nothing takes only 0).
bool fits(const Type& type, bool negative, std::uint64_t bits);

/// Sorts fields by offset, checks alignment and overlap, sets the size. Errors: E0503, E0504.
Result<void> lay_out(Struct& made, const Source& source, const Token& name);

Result<void> check_function_types(const Declarations& declarations, const Source& source, const std::vector<Parameter>& parameters,
                                  const Type& result, const std::vector<Token>& at, const Token& result_at);
Result<void> check_hook_types(const Declarations& declarations, const Source& source, const std::vector<Parameter>& parameters, const Type& result,
                              const std::vector<Token>& at, const Token& result_at);

struct DropName {
  ObjectTypeIdx type;
  Token name;
};
/// Resolves drop=f of every type. Errors: E0502, E0504.
Result<void> check_rules(Declarations& declarations, const Source& source, const std::vector<DropName>& drops);

}  // namespace tenon::interface
