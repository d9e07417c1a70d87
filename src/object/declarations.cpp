// SPDX-License-Identifier: Apache-2.0
#include "object/declarations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "object/btf_format.hpp"
#include "object/bytes.hpp"

namespace tenon::object {
namespace {

constexpr unsigned kMaxTextDepth = 16;
constexpr std::uint32_t kExternLinkage = 2;
// Facts are for people and for comparing with short names: hostile BTF must not make them large.
constexpr std::size_t kMaxNameBytes = 128, kMaxTagBytes = 4096, kMaxTextBytes = 256, kMaxTags = 16, kMaxParameters = 16;

std::string shown(std::string_view name) { return made_printable(name.substr(0, kMaxNameBytes)); }

std::string text_of(const Btf& btf, TypeId id, unsigned depth = 0) {
  if (id == 0) return "void";
  if (depth > kMaxTextDepth) return "...";
  const BtfType& type = btf.type(id);
  const auto inner = [&] { return text_of(btf, type.target, depth + 1); };
  const auto named = [&](std::string_view keyword) { return std::string(keyword) + (type.name.empty() ? std::string("{...}") : shown(type.name)); };
  switch (type.kind) {
    case BtfKind::pointer: {
      const std::string pointee = inner();
      return pointee + (pointee.ends_with('*') ? "*" : " *");
    }
    case BtfKind::array:
      return fmt::format("{}[{}]", inner(), type.count);
    case BtfKind::structure:
      return named("struct ");
    case BtfKind::union_type:
      return named("union ");
    case BtfKind::forward:
      return named(type.is_union ? "union " : "struct ");
    case BtfKind::enumeration:
    case BtfKind::enumeration64:
      return named("enum ");
    case BtfKind::volatile_type:
      return "volatile " + inner();
    case BtfKind::const_type:
      return type.target != 0 && btf.type(type.target).kind == BtfKind::pointer ? inner() + " const" : "const " + inner();
    case BtfKind::restrict_type:
    case BtfKind::type_tag:
      return inner();
    case BtfKind::prototype:
      return inner() + "(...)";
    case BtfKind::void_type:
    case BtfKind::integer:
    case BtfKind::type_name:
    case BtfKind::function:
    case BtfKind::variable:
    case BtfKind::data_section:
    case BtfKind::floating:
    case BtfKind::decl_tag:
      return named("");
  }
  return {};
}

ir::TypeFacts::Kind facts_kind(BtfKind kind) {
  using Kind = ir::TypeFacts::Kind;
  switch (kind) {
    case BtfKind::void_type:
      return Kind::nothing;
    case BtfKind::integer:
      return Kind::integer;
    case BtfKind::pointer:
      return Kind::pointer;
    case BtfKind::array:
      return Kind::array;
    case BtfKind::structure:
    case BtfKind::union_type:
    case BtfKind::forward:
      return Kind::structure;
    case BtfKind::enumeration:
    case BtfKind::enumeration64:
      return Kind::enumeration;
    case BtfKind::floating:
      return Kind::floating;
    case BtfKind::prototype:
    case BtfKind::function:
      return Kind::function;
    case BtfKind::type_name:
    case BtfKind::volatile_type:
    case BtfKind::const_type:
    case BtfKind::restrict_type:
    case BtfKind::type_tag:
    case BtfKind::variable:
    case BtfKind::data_section:
    case BtfKind::decl_tag:
      return Kind::unknown;
  }
  return Kind::unknown;
}

void add_section(const Btf& btf, const BtfType& section, Declarations& declarations) {
  const bool is_kconfig = section.name == ".kconfig";
  if (!is_kconfig && section.name != ".ksyms") return;
  for (const BtfSectionEntry& entry : section.variables) {
    const BtfType& declared = btf.type(entry.type);
    auto& names = declared.kind == BtfKind::function ? declarations.kernel_functions : is_kconfig ? declarations.kconfig : declarations.ksyms;
    names.emplace(declared.name, declared.kind == BtfKind::function ? entry.type : declared.target);
  }
}

}  // namespace

Declarations index_declarations(const Btf& btf) {
  Declarations declarations;
  for (TypeId id = 1; id < btf.size(); ++id) {
    const BtfType& type = btf.type(id);
    if (type.kind == BtfKind::decl_tag) declarations.tags[{type.target, type.component}].push_back(type.name);
    if (type.kind == BtfKind::function && type.linkage == kExternLinkage) declarations.extern_functions.emplace(type.name, id);
    if (type.kind == BtfKind::data_section) add_section(btf, type, declarations);
  }
  return declarations;
}

std::vector<std::string> tags_of(const Declarations& declarations, TypeId type, std::uint32_t component) {
  std::vector<std::string> texts;
  const auto found = declarations.tags.find({type, component});
  if (found == declarations.tags.end()) return texts;
  for (const std::string_view tag : std::span(found->second).first(std::min(found->second.size(), kMaxTags)))
    texts.push_back(made_printable(tag.substr(0, kMaxTagBytes)));
  return texts;
}

ir::TypeFacts type_facts(const Btf& btf, TypeId id) {
  const BtfType& type = btf.resolved(id);
  ir::TypeFacts facts{
      .kind = facts_kind(type.kind), .bytes = type.bytes, .is_signed = type.is_signed, .name = shown(btf.type(btf.type(id).named).name)};
  facts.text = made_printable(std::string_view(text_of(btf, id)).substr(0, kMaxTextBytes));
  if (type.kind != BtfKind::pointer) return facts;
  const BtfType& pointee = btf.resolved(type.target);
  facts.name = shown(btf.type(btf.type(type.target).named).name);
  facts.pointee = facts_kind(pointee.kind);
  facts.pointee_bytes = pointee.bytes;
  facts.pointee_is_const = btf.type(type.target).is_const;
  return facts;
}

std::shared_ptr<const ir::Prototype> prototype_of(const Btf& btf, const Declarations& declarations, TypeId function) {
  ir::Prototype prototype;
  const BtfType& type = btf.type(btf.type(function).target);
  prototype.result = type_facts(btf, type.target);
  prototype.tags = tags_of(declarations, function);
  for (std::uint32_t i = 0; i < std::min(type.members.size(), kMaxParameters); ++i) {
    const BtfMember& parameter = type.members[i];
    if (parameter.type == 0) {
      prototype.is_variadic = true;
      break;
    }
    prototype.parameters.push_back({shown(parameter.name), type_facts(btf, parameter.type), tags_of(declarations, function, i)});
  }
  return std::make_shared<const ir::Prototype>(std::move(prototype));
}

}  // namespace tenon::object
