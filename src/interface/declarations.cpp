// SPDX-License-Identifier: Apache-2.0
#include "interface/declarations.hpp"

#include <algorithm>

#include "base/bug.hpp"
#include "interface/builtin.hpp"
#include "interface/parser.hpp"

namespace tenon::interface {

namespace {

template <class Index, class T>
std::optional<Index> find(const std::vector<T>& all, std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const T& one) { return one.name == name; });
  if (found == all.end()) return std::nullopt;
  return Index(found - all.begin());
}

}  // namespace

std::optional<FunctionIdx> Declarations::find_function(std::string_view name) const { return find<FunctionIdx>(functions, name); }
std::optional<HookIdx> Declarations::find_hook(std::string_view name) const { return find<HookIdx>(hooks, name); }

Result<Declarations> parse(std::string_view text, std::string_view file) {
  Declarations declarations;
  declarations.file = file;
  base::ensure(parse_into(declarations, {kBuiltinText, "builtin"}, true).has_value(), "the built-in declarations do not parse");
  if (auto done = parse_into(declarations, {text, file}, false); !done) return std::unexpected(std::move(done).error());
  return declarations;
}

}  // namespace tenon::interface
