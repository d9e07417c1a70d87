// SPDX-License-Identifier: Apache-2.0
// Interfaces at run time: parsing with diagnostics, printing, the C header.
#pragma once

#include <string>
#include <string_view>

#include <tenon/language/declarations.hpp>
#include <tenon/result.hpp>

namespace tenon::interface {

/// Parses .tni text (grammar: docs/interface-language.md) with the code that a C++ host's compiler runs (tenon/language/parser.hpp).
/// Errors: E0501 syntax, E0502 unknown name, E0503 duplicate, E0504 does not fit, each with line and column. Thread-safe.
Result<Declarations> parse(std::string_view text, std::string_view file);

/// The C header for extension authors: struct definitions with the declared layout, opaque object types, extern functions that carry their own lines
/// as BTF declaration tags, one section macro per hook. The built-in functions come from <tn/builtin.h>.
std::string to_header(const Declarations& declarations);

/// Canonical .tni text without the built-in declarations; parse(to_text(d)) equals d but for lines and `text`.
std::string to_text(const Declarations& declarations);
std::string to_text(const Declarations& declarations, const Type& type);
/// One line, as the header's tags and the verifier compare it.
std::string to_text(const Declarations& declarations, const Function& function);
std::string to_text(const Declarations& declarations, const Hook& hook);
std::string to_text(const Expression& expression);
/// With ";\n". The type of an iterator is written as the iterator.
std::string to_text(const Declarations& declarations, const Struct& type);
std::string to_text(const Declarations& declarations, const ObjectType& type);
std::string to_text(const Declarations& declarations, const Mode& mode);

}  // namespace tenon::interface
