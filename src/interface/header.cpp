// SPDX-License-Identifier: Apache-2.0
// Declarations -> the C header that extension authors include. Layouts are asserted in C, so that a compiler that disagrees says so.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include <tenon/language/builtin.hpp>
#include <tenon/language/parser.hpp>

#include "base/bug.hpp"
#include "interface/builtin.hpp"
#include "interface/declarations.hpp"

namespace tenon::interface {

namespace {

std::string scalar_name(const Scalar& scalar) { return fmt::format("{}{}", scalar.is_signed ? 's' : 'u', scalar.bits); }

bool is_plain_identifier(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(),
                                      [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::string identifier(std::string_view name) {
  std::string made(name);
  std::replace_if(made.begin(), made.end(), [](char c) { return !is_plain_identifier({&c, 1}); }, '_');
  return made;
}

std::string mem_pointer(const Mem& mem, bool is_result) {
  const bool is_integer =
      mem.element.size() <= 3 && (mem.element[0] == 'u' || mem.element[0] == 's') && mem.element.back() >= '0' && mem.element.back() <= '9';
  const bool bytes = (mem.element == "u8" && !is_result) || mem.part != Mem::MapPart::none;
  const std::string element = bytes ? "void" : is_integer ? mem.element : "struct " + mem.element;
  return fmt::format("{}{} *", mem.access == Access::read ? "const " : "", element);
}

/// The C type, ready to be followed by a name.
std::string c_type(const Declarations& declarations, const Type& type, bool is_result) {
  if (const auto* scalar = std::get_if<Scalar>(&type)) return scalar_name(*scalar) + " ";
  if (std::holds_alternative<Text>(type)) return "const char *";
  if (const auto* reference = std::get_if<StructRef>(&type); reference != nullptr && reference->is_context) return "void *";
  if (const auto* reference = std::get_if<StructRef>(&type)) return fmt::format("struct {} *", declarations.at(reference->type).name);
  if (const auto* object = std::get_if<ObjectRef>(&type)) return fmt::format("struct {} *", declarations.at(object->type).name);
  if (const auto* mem = std::get_if<Mem>(&type)) return mem_pointer(*mem, is_result);
  return std::holds_alternative<Nothing>(type) ? "void " : "void *";
}

std::string callback_parameter(const Declarations& declarations, const CallbackRef& reference, const std::string& name) {
  const Callback& callback = declarations.at(reference.type);
  std::string list;
  for (const Type& type : callback.parameters) list += (list.empty() ? "" : ", ") + c_type(declarations, type, false);
  return fmt::format("{}(*{})({})", c_type(declarations, callback.result, true), name, list.empty() ? "void" : list);
}

std::string parameter_list(const Declarations& declarations, const std::vector<Parameter>& parameters) {
  std::string list;
  for (const Parameter& parameter : parameters) {
    const auto* callback = std::get_if<CallbackRef>(&parameter.type);
    list += list.empty() ? "" : ", ";
    list += callback != nullptr ? callback_parameter(declarations, *callback, parameter.name)
                                : c_type(declarations, parameter.type, false) + parameter.name;
  }
  return list.empty() ? "void" : list;
}

/// The declaration itself, so that what the author compiled against can be compared with what the host has.
std::string tag(const std::string& line) {
  std::string escaped;
  for (const char c : line) escaped += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  return fmt::format(" __attribute__((btf_decl_tag(\"tenon:{}\")))", escaped);
}

std::string prototype(const Declarations& declarations, const Function& function) {
  std::string line = fmt::format("extern {}{}({})", c_type(declarations, function.result, true), identifier(function.name),
                                 parameter_list(declarations, function.parameters) + (function.variadic ? ", ..." : ""));
  if (!is_plain_identifier(function.name)) line += fmt::format(" __asm__(\"{}\")", function.name);
  if (function.no_return) line += " __attribute__((noreturn))";
  if (!function.builtin) line += tag(to_text(declarations, function));
  return line + ";\n";
}

struct CField {
  std::uint32_t offset, bytes;
  std::string type, name;
};

std::vector<CField> c_fields(const Declarations& declarations, const Struct& from) {
  std::vector<CField> fields;
  for (const Field& field : from.fields) {
    const std::string type = field.pointer ? c_type(declarations, *field.pointer, true) : scalar_name(field.type) + " ";
    const std::uint32_t bytes = field.pointer ? 8u : field.type.bits / 8u;
    fields.push_back({field.offset, bytes * field.count, type, field.count == 1 ? field.name : fmt::format("{}[{}]", field.name, field.count)});
  }
  for (const MemRange& range : from.ranges) {
    const std::string type = range.pointer_bytes == 4 ? "u32 " : range.access == Access::read ? "const u8 *" : "u8 *";
    for (const MemRange::Mark& mark : range.marks) fields.push_back({mark.offset, range.pointer_bytes, type, mark.name});
  }
  std::sort(fields.begin(), fields.end(), [](const CField& a, const CField& b) { return a.offset < b.offset; });
  return fields;
}

std::string struct_definition(const Declarations& declarations, const Struct& from) {
  std::string text = fmt::format("struct {} {{\n", from.name);
  std::string checks;
  std::uint32_t end = 0;
  const auto pad_to = [&](std::uint32_t offset) {
    if (offset > end) text += fmt::format("\tu8 tn_pad_{}[{}];\n", end, offset - end);
  };
  for (const CField& field : c_fields(declarations, from)) {
    pad_to(field.offset);
    text += fmt::format("\t{}{};\n", field.type, field.name);
    checks += fmt::format("_Static_assert(__builtin_offsetof(struct {}, {}) == {}, \"layout of {}\");\n", from.name,
                          field.name.substr(0, field.name.find('[')), field.offset, from.name);
    end = field.offset + field.bytes;
  }
  pad_to(from.bytes);
  text += "};\n" + checks;
  return text + fmt::format("_Static_assert(sizeof(struct {}) == {}, \"layout of {}\");\n\n", from.name, from.bytes, from.name);
}

std::string hook_macro(const Declarations& declarations, const Hook& hook) {
  return fmt::format("/* {}NAME({}); {} when it is cancelled */\n#define SEC_{} SEC(\"{}\")\n", c_type(declarations, hook.result, true),
                     parameter_list(declarations, hook.parameters), static_cast<std::int64_t>(hook.default_result), hook.name, hook.name);
}

/// What the extension has to make room for is complete; of other objects it has pointers only. The kernel's counter is in <tn/loop.h>.
std::string object_declaration(const ObjectType& type) {
  const bool is_in_loop_header = std::ranges::any_of(kBuiltinLoops, [&](const BuiltinLoop& known) { return known.name == type.name; });
  if (type.stack_bytes != 0 && !is_in_loop_header) return fmt::format("struct {} {{ u64 tn_hidden[{}]; }};\n", type.name, type.stack_bytes / 8);
  if (type.field_bytes == 0) return fmt::format("struct {};\n", type.name);
  return fmt::format("struct {} {{ u8 tn_hidden[{}]; }} __attribute__((aligned({})));\n", type.name, type.field_bytes,
                     std::min(8u, type.field_bytes & -type.field_bytes));
}

}  // namespace

std::string builtin_header() {
  Declarations declarations;
  base::ensure(!parse_into(declarations, kBuiltinText, true), "the built-in declarations do not parse");
  std::string text =
      "/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */\n"
      "/* Functions that every Tenon host has, whatever its interface. */\n"
      "#pragma once\n\n#include <tn/types.h>\n\n";
  for (const Function& function : declarations.functions) text += prototype(declarations, function);
  return text;
}

std::string to_header(const Declarations& declarations) {
  std::string text = fmt::format("/* Made by `tenon interface header` from {}. */\n#pragma once\n\n#include <tn/builtin.h>\n\n", declarations.file);
  for (const ObjectType& type : declarations.object_types) {
    if (type.builtin) continue;
    text += object_declaration(type);
  }
  if (std::ranges::any_of(declarations.object_types, [](const ObjectType& type) { return !type.builtin; })) text += "\n";
  for (const Struct& type : declarations.structs) text += struct_definition(declarations, type);
  for (std::size_t f = 0; f < declarations.functions.size(); ++f) {
    const Function& function = declarations.functions[f];
    const bool is_variant = declarations.find_function(function.name) != FunctionIdx(f);  // C has one prototype for all kinds of maps
    const bool parks = function.parks || (f > 0 && declarations.functions[f - 1].parks);  // tn_park_T, tn_take_T
    if ((!function.builtin || parks) && !is_variant) text += prototype(declarations, function);
  }
  if (!declarations.hooks.empty()) text += "\n";
  for (const Hook& hook : declarations.hooks) text += hook_macro(declarations, hook);
  return text;
}

}  // namespace tenon::interface
