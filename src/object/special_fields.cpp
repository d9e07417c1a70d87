// SPDX-License-Identifier: Apache-2.0
#include "object/special_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "object/bytes.hpp"

namespace tenon::object {
namespace {

using Kind = ir::SpecialField::Kind;

constexpr std::size_t kMaxFields = 64;
constexpr unsigned kMaxDepth = 32;
constexpr unsigned kMaxTags = 16;  // looked at before a structure
constexpr std::uint64_t kMaxValueBytes = UINT32_MAX;

struct Name {
  std::string_view name;
  Kind kind;
};
constexpr std::array<Name, 10> kStructures{{{"bpf_spin_lock", Kind::spin_lock},
                                            {"bpf_res_spin_lock", Kind::res_spin_lock},
                                            {"bpf_timer", Kind::timer},
                                            {"bpf_wq", Kind::work_queue},
                                            {"bpf_task_work", Kind::task_work},
                                            {"bpf_refcount", Kind::refcount},
                                            {"bpf_list_head", Kind::list_head},
                                            {"bpf_list_node", Kind::list_node},
                                            {"bpf_rb_root", Kind::rb_root},
                                            {"bpf_rb_node", Kind::rb_node}}};
constexpr std::array<Name, 4> kPointerTags{
    {{"kptr_untrusted", Kind::kptr_untrusted}, {"kptr", Kind::kptr}, {"percpu_kptr", Kind::percpu_kptr}, {"uptr", Kind::uptr}}};
constexpr std::string_view kContains = "contains:";

template <std::size_t N>
std::optional<Kind> kind_named(const std::array<Name, N>& names, std::string_view name) {
  const auto found = std::find_if(names.begin(), names.end(), [&](const Name& one) { return one.name == name; });
  return found == names.end() ? std::nullopt : std::optional(found->kind);
}

}  // namespace

std::expected<std::vector<ir::SpecialField>, std::string> SpecialFields::of(TypeId id) {
  std::vector<Found> found;
  if (!walk(id, 0, found)) {
    return std::unexpected(fmt::format(
        "has a value with more than {} locks, timers, lists or kernel pointers, or structures nested more than {} deep", kMaxFields, kMaxDepth));
  }
  std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.offset < b.offset; });
  std::vector<ir::SpecialField> fields;
  for (const Found& one : found) fields.push_back(to_field(one));
  return fields;
}

bool SpecialFields::walk(TypeId id, unsigned depth, std::vector<Found>& found) {
  if (depth > kMaxDepth) return false;
  id = btf_.type(id).behind;
  const BtfType& type = btf_.type(id);
  if (type.kind == BtfKind::pointer) {
    if (const auto field = pointer_field(type)) found.push_back(*field);
    return true;
  }
  if (type.kind == BtfKind::array) return repeat(type, depth, found);
  if (type.kind != BtfKind::structure && type.kind != BtfKind::union_type) return true;
  auto kind = kind_named(kStructures, type.name);
  if (!kind && std::ranges::find(declared_, type.name) != declared_.end()) kind = Kind::declared;
  if (kind) {
    found.push_back({*kind, 0, static_cast<std::uint32_t>(type.bytes), 0, kWholeDeclaration, {}, type.name});
    return true;
  }
  const auto known = known_.find(id);
  if (known != known_.end()) {
    found = known->second;
    return true;
  }
  if (!walk_members(id, depth, found)) return false;
  known_.emplace(id, found);
  return true;
}

bool SpecialFields::walk_members(TypeId id, unsigned depth, std::vector<Found>& found) {
  const BtfType& type = btf_.type(id);
  for (std::uint32_t i = 0; i < type.members.size(); ++i) {
    std::vector<Found> inner;
    if (!walk(type.members[i].type, depth + 1, inner)) return false;
    for (Found& one : inner) {
      if (one.holder == 0) {
        one.holder = id;
        one.component = i;
      }
      one.offset += type.members[i].bit_offset / 8;
      found.push_back(one);
    }
    if (found.size() > kMaxFields) return false;
  }
  return true;
}

bool SpecialFields::repeat(const BtfType& array, unsigned depth, std::vector<Found>& found) {
  std::vector<Found> inner;
  if (!walk(array.target, depth + 1, inner)) return false;
  if (inner.empty()) return true;
  if (array.count > kMaxFields / inner.size()) return false;
  const std::uint64_t element = btf_.type(array.target).bytes;
  for (std::uint64_t i = 0; i < array.count; ++i) {
    for (Found one : inner) {
      one.offset += i * element;
      found.push_back(one);
    }
  }
  return true;
}

/// `struct task_struct __kptr *` is a pointer to a tag of the structure, with qualifiers in between at most.
std::optional<SpecialFields::Found> SpecialFields::pointer_field(const BtfType& pointer) const {
  TypeId id = pointer.target;
  for (unsigned i = 0; i < kMaxTags && id != btf_.type(id).behind; ++i, id = btf_.type(id).target) {
    const BtfType& type = btf_.type(id);
    if (type.kind == BtfKind::type_name) return std::nullopt;
    const auto kind = type.kind == BtfKind::type_tag ? kind_named(kPointerTags, type.name) : std::nullopt;
    if (kind) return Found{*kind, 0, 8, 0, kWholeDeclaration, btf_.type(btf_.type(id).named).name};
  }
  return std::nullopt;
}

ir::SpecialField SpecialFields::to_field(const Found& found) const {
  ir::SpecialField field{.kind = found.kind, .offset = static_cast<std::uint32_t>(std::min(found.offset, kMaxValueBytes)), .bytes = found.bytes};
  field.type = made_printable(found.type);
  field.structure = made_printable(found.structure);
  if (found.holder == 0 || (found.kind != Kind::list_head && found.kind != Kind::rb_root)) return field;
  for (const std::string& tag : tags_of(declarations_, found.holder, found.component)) {
    if (!tag.starts_with(kContains)) continue;
    const std::string_view rest = std::string_view(tag).substr(kContains.size());
    const std::size_t colon = rest.find(':');
    field.type = rest.substr(0, colon);
    if (colon != std::string_view::npos) field.member = rest.substr(colon + 1);
  }
  return field;
}

}  // namespace tenon::object
