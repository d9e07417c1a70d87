// SPDX-License-Identifier: Apache-2.0
#include "interface/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace tenon::interface {

namespace {

std::unexpected<Diagnostics> fail(const Source& source, const Token& at, std::string code, std::string message, std::string help = {}) {
  return std::unexpected(Diagnostics{complain(source, at, std::move(code), std::move(message), std::move(help))});
}

/// One stretch of a struct's bytes.
struct Extent {
  std::uint32_t offset, bytes;
  std::string name;
};

std::vector<Extent> extents_of(const Struct& made) {
  std::vector<Extent> all;
  for (const Field& field : made.fields) all.push_back({field.offset, field.type.bits / 8u, field.name});
  for (const MemRange& range : made.ranges) {
    all.push_back({range.begin_offset, 8, range.begin_name});
    all.push_back({range.end_offset, 8, range.end_name});
  }
  std::sort(all.begin(), all.end(), [](const Extent& a, const Extent& b) { return a.offset < b.offset; });
  return all;
}

bool is_object(const Type& type, ObjectRef::Mode mode) {
  const auto* const object = std::get_if<ObjectRef>(&type);
  return object != nullptr && object->mode == mode;
}

}  // namespace

std::optional<Scalar> scalar_named(std::string_view name) {
  constexpr std::array<std::uint8_t, 4> kBits{8, 16, 32, 64};
  for (const std::uint8_t bits : kBits) {
    if (name == fmt::format("u{}", bits)) return Scalar{bits, false, 0, ~0ull >> (64 - bits)};
    if (name == fmt::format("s{}", bits)) {
      const std::uint64_t greatest = ~0ull >> (65 - bits);
      return Scalar{bits, true, -static_cast<std::int64_t>(greatest) - 1, greatest};
    }
  }
  return std::nullopt;
}

bool fits(const Type& type, bool negative, std::uint64_t bits) {
  const auto* const scalar = std::get_if<Scalar>(&type);
  if (scalar == nullptr) return bits == 0;
  if (!scalar->is_signed) return !negative && bits >= static_cast<std::uint64_t>(scalar->lo) && bits <= scalar->hi;
  if (!negative && bits > static_cast<std::uint64_t>(INT64_MAX)) return false;
  const auto value = static_cast<std::int64_t>(bits);
  return value >= scalar->lo && value <= static_cast<std::int64_t>(scalar->hi);
}

Result<void> lay_out(Struct& made, const Source& source, const Token& name) {
  const std::vector<Extent> extents = extents_of(made);
  if (extents.empty()) return fail(source, name, "E0504", fmt::format("struct '{}' has no fields", made.name));
  std::set<std::string> names;
  std::uint32_t end = 0;
  for (const Extent& extent : extents) {
    if (!names.insert(extent.name).second) return fail(source, name, "E0503", fmt::format("there are two fields '{}'", extent.name));
    if (extent.offset % extent.bytes != 0) {
      return fail(source, name, "E0504", fmt::format("field '{}' has {} bytes and cannot lie at offset {}", extent.name, extent.bytes, extent.offset),
                  "give it an offset that is a multiple of its size");
    }
    if (extent.offset < end) return fail(source, name, "E0504", fmt::format("field '{}' overlaps the one before it", extent.name));
    end = extent.offset + extent.bytes;
  }
  std::sort(made.fields.begin(), made.fields.end(), [](const Field& a, const Field& b) { return a.offset < b.offset; });
  std::sort(made.ranges.begin(), made.ranges.end(), [](const MemRange& a, const MemRange& b) { return a.begin_offset < b.begin_offset; });
  made.bytes = (end + 7) / 8 * 8;
  return {};
}

Result<void> check_function_types(const Declarations& declarations, const Source& source, const std::vector<Parameter>& parameters,
                                  const Type& result, const std::vector<Token>& at, const Token& result_at) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto* const object = std::get_if<ObjectRef>(&parameters[i].type);
    if (object != nullptr && object->nullable && object->mode == ObjectRef::Mode::own) {
      return fail(source, at[i], "E0510", "'?own' parameters are part of the interface language but not of this build",
                  "take an object that is not null, or declare a second function");
    }
  }
  if (const auto* const object = std::get_if<ObjectRef>(&result)) {
    if (object->mode == ObjectRef::Mode::borrow && declarations.at(object->type).kind != ObjectType::Kind::plain) {
      return fail(source, result_at, "E0510", "a borrowed result of a counted or linear type needs 'of', which is not in this build",
                  "return it with own, or make the type plain");
    }
    for (const Parameter& parameter : parameters) {
      const auto* const other = std::get_if<ObjectRef>(&parameter.type);
      if (other != nullptr && !object->instance.empty() && other->instance == object->instance) {
        return fail(source, result_at, "E0510", fmt::format("a result that is the argument '{} again is not in this build", object->instance));
      }
    }
  }
  const auto* const mem = std::get_if<Mem>(&result);
  if (mem != nullptr && (mem->access == Access::uninit || mem->access == Access::write)) {
    return fail(source, result_at, "E0504", "memory that a function hands out is r or rw");
  }
  return {};
}

Result<void> check_hook_types(const Declarations&, const Source& source, const std::vector<Parameter>& parameters, const Type& result,
                              const std::vector<Token>& at, const Token& result_at) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (is_object(parameters[i].type, ObjectRef::Mode::own)) {
      return fail(source, at[i], "E0510", "'own' parameters of hooks are part of the interface language but not of this build", "lend the object (&)");
    }
    const auto* const mem = std::get_if<Mem>(&parameters[i].type);
    if (mem != nullptr && (mem->access == Access::uninit || mem->access == Access::write)) {
      return fail(source, at[i], "E0504", "memory that a hook hands in is r or rw");
    }
  }
  if (!std::holds_alternative<Nothing>(result) && !std::holds_alternative<Scalar>(result)) {
    return fail(source, result_at, "E0504", "a hook's result is an integer or nothing");
  }
  return {};
}

Result<void> check_rules(Declarations& declarations, const Source& source, const std::vector<DropName>& drops) {
  for (const DropName& drop : drops) {
    const auto function = declarations.find_function(drop.name.text);
    if (!function) return fail(source, drop.name, "E0502", fmt::format("there is no function '{}'", drop.name.text));
    const Function& candidate = declarations.at(*function);
    const auto* const object = candidate.parameters.size() == 1 ? std::get_if<ObjectRef>(&candidate.parameters[0].type) : nullptr;
    if (object == nullptr || object->mode != ObjectRef::Mode::own || object->type != drop.type || candidate.no_return) {
      return fail(source, drop.name, "E0504",
                  fmt::format("'{}' must take exactly one 'own {}' and return", drop.name.text, declarations.at(drop.type).name));
    }
    declarations.object_types[drop.type.index()].drop = *function;
  }
  return {};
}

}  // namespace tenon::interface
