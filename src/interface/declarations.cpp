// SPDX-License-Identifier: Apache-2.0
#include "interface/declarations.hpp"

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
  return declarations;
}

}  // namespace tenon::interface
