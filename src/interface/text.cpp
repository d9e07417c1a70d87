// SPDX-License-Identifier: Apache-2.0
// Declarations -> canonical .tni text.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "interface/declarations.hpp"
#include "interface/rules.hpp"

namespace tenon::interface {

namespace {

std::string_view word(Access access) {
  switch (access) {
    case Access::read: return "r";
    case Access::write: return "w";
    case Access::read_write: return "rw";
    case Access::uninit: return "uninit";
  }
  return {};
}

std::string quoted_if_needed(const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  return plain ? name : fmt::format("\"{}\"", name);
}

std::string scalar_text(const Scalar& scalar) {
  const std::string name = fmt::format("{}{}", scalar.is_signed ? 's' : 'u', scalar.bits);
  if (scalar == *scalar_named(name)) return name;
  if (scalar.is_signed) return fmt::format("{} in {}..{}", name, scalar.lo, static_cast<std::int64_t>(scalar.hi));
  return fmt::format("{} in {}..{}", name, scalar.lo, scalar.hi);
}

std::string object_text(const Declarations& declarations, const ObjectRef& object) {
  std::string text = fmt::format("{}{}{}", object.nullable ? "?" : "", object.mode == ObjectRef::Mode::own ? "own " : "&", declarations.at(object.type).name);
  if (!object.instance.empty()) text += fmt::format("<'{}>", object.instance);
  return text;
}

/// `parameters` names the count; without them it is written as its index.
std::string mem_text(const Mem& mem, const std::vector<Parameter>* parameters) {
  std::string count;
  if (mem.count_parameter) count = parameters ? "|" + (*parameters)[*mem.count_parameter].name : fmt::format("|argument {}", *mem.count_parameter + 1);
  else if (mem.count.value_or(1) != 1) count = fmt::format("|{}", *mem.count);
  return fmt::format("{}mem({}{}) {}{}", mem.nullable ? "?" : "", mem.element, count, word(mem.access), mem.shared ? " shared" : "");
}

std::string type_text(const Declarations& declarations, const Type& type, const std::vector<Parameter>* parameters) {
  if (const auto* scalar = std::get_if<Scalar>(&type)) return scalar_text(*scalar);
  if (const auto* reference = std::get_if<StructRef>(&type)) return "&" + declarations.at(reference->type).name;
  if (const auto* object = std::get_if<ObjectRef>(&type)) return object_text(declarations, *object);
  if (const auto* mem = std::get_if<Mem>(&type)) return mem_text(*mem, parameters);
  return "nothing";
}

std::string signature_text(const Declarations& declarations, const std::vector<Parameter>& parameters, const Type& result) {
  std::string list;
  for (const Parameter& parameter : parameters) {
    list += fmt::format("{}{}: {}", list.empty() ? "" : ", ", parameter.name, type_text(declarations, parameter.type, &parameters));
  }
  std::string text = fmt::format("({})", list);
  if (!std::holds_alternative<Nothing>(result)) text += " -> " + type_text(declarations, result, &parameters);
  return text;
}

std::string struct_text(const Struct& from) {
  std::vector<std::pair<std::uint32_t, std::string>> parts;
  for (const Field& field : from.fields) {
    parts.emplace_back(field.offset, fmt::format("{}: {} @{} {}", field.name, scalar_text(field.type), field.offset, word(field.access)));
  }
  for (const MemRange& range : from.ranges) {
    parts.emplace_back(range.begin_offset, fmt::format("{}..{}: mem {} @{}..{}", range.begin_name, range.end_name, word(range.access), range.begin_offset,
                                                       range.end_offset));
  }
  std::sort(parts.begin(), parts.end());
  std::string text = fmt::format("struct {} {{", from.name);
  for (std::size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? " " : ", ") + parts[i].second;
  return text + " };\n";
}

std::string object_type_text(const ObjectType& type) {
  if (type.kind == ObjectType::Kind::plain) return fmt::format("type {} plain;\n", type.name);
  return fmt::format("type {} {} drop={};\n", type.name, type.kind == ObjectType::Kind::counted ? "rc" : "linear", quoted_if_needed(type.drop_name));
}

std::string function_text(const Declarations& declarations, const Function& function) {
  return fmt::format("fn {}{}{}{}{};\n", quoted_if_needed(function.name), signature_text(declarations, function.parameters, function.result),
                     function.no_return ? " noreturn" : "", function.interruptible ? " interruptible" : "",
                     function.callback_safe ? " callback_safe" : "");
}

std::string hook_text(const Declarations& declarations, const Hook& hook) {
  const auto* const scalar = std::get_if<Scalar>(&hook.result);
  const bool is_signed = scalar != nullptr && scalar->is_signed;
  return fmt::format("hook {}{} default {};\n", hook.name, signature_text(declarations, hook.parameters, hook.result),
                     is_signed ? fmt::format("{}", static_cast<std::int64_t>(hook.default_result)) : fmt::format("{}", hook.default_result));
}

}  // namespace

std::string to_text(const Declarations& declarations) {
  std::string text;
  if (!declarations.name.empty()) text += fmt::format("interface {};\n", declarations.name);
  for (const Struct& type : declarations.structs) text += struct_text(type);
  for (const ObjectType& type : declarations.object_types) text += object_type_text(type);
  for (const Function& function : declarations.functions) {
    if (!function.builtin) text += function_text(declarations, function);
  }
  for (const Hook& hook : declarations.hooks) text += hook_text(declarations, hook);
  return text;
}

std::string to_text(const Declarations& declarations, const Type& type) { return type_text(declarations, type, nullptr); }

}  // namespace tenon::interface
