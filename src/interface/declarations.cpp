// SPDX-License-Identifier: Apache-2.0
#include "interface/declarations.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <tenon/language/parser.hpp>

#include "base/bug.hpp"
#include "interface/builtin.hpp"

namespace tenon::interface {

namespace {

std::string line_of(std::string_view text, std::uint32_t number) {
  for (std::uint32_t n = 1; n < number; ++n) text.remove_prefix(std::min(text.size(), text.find('\n') + 1));
  return std::string(text.substr(0, text.find_first_of("\r\n")));
}

Diagnostic explain(const Fault& fault, std::string_view text, std::string_view file) {
  Diagnostic diagnostic;
  diagnostic.code = fault.code;
  diagnostic.message = fault.message.view();
  diagnostic.help = fault.help;
  diagnostic.where = {std::string(file), fault.line, fault.column, line_of(text, fault.line)};
  return diagnostic;
}

/// Two functions for each type that may be parked.
Result<void> add_parking(Declarations& declarations, std::string_view text, std::string_view file) {
  for (std::size_t t = 0; t < declarations.object_types.size(); ++t) {
    if (!declarations.object_types[t].parkable) continue;
    const std::string name = declarations.object_types[t].name;
    const std::string lines = fmt::format("fn tn_park_{0}(t: own {0}<'t>) -> u64 on ret==0 : keeps t;fn tn_take_{0}(handle: u64) -> ?own {0}<'t>;", name);
    if (const auto fault = parse_into(declarations, lines, true)) return refuse(explain(*fault, text, file));
    declarations.functions[declarations.functions.size() - 2].parks = true;
  }
  return {};
}

}  // namespace

Result<Declarations> parse(std::string_view text, std::string_view file) {
  Declarations declarations;
  declarations.file = file;
  base::ensure(!parse_into(declarations, kBuiltinText, true), "the built-in declarations do not parse");
  if (const auto fault = parse_into(declarations, text, false)) return refuse(explain(*fault, text, file));
  for (const BuiltinLoop& loop : kBuiltinLoops) {
    if (declarations.find_function(loop.name) || declarations.find_object_type(loop.name)) continue;
    base::ensure(!parse_into(declarations, loop.text, true), "the built-in loops do not parse");
  }
  if (auto added = add_parking(declarations, text, file); !added) return std::unexpected(std::move(added).error());
  return declarations;
}

}  // namespace tenon::interface
