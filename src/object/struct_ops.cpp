// SPDX-License-Identifier: Apache-2.0
// .struct_ops sections: variables of a kernel structure whose function pointers are programs of the object.
#include <fmt/format.h>

#include "object/bytes.hpp"
#include "object/object_data.hpp"

namespace tenon::object {
namespace {

constexpr std::uint64_t kPointerBytes = 8;

/// Which member of which structure lies at (section name, offset).
class Members {
 public:
  explicit Members(const Btf& btf) {
    for (TypeId id = 1; id < btf.size(); ++id) {
      const BtfType& section = btf.type(id);
      if (section.kind != BtfKind::data_section || !is_struct_ops_section(section.name)) continue;
      for (const BtfSectionEntry& entry : section.variables) add(btf, section.name, entry);
    }
  }

  std::optional<std::string> at(std::string_view section, std::uint64_t offset) const {
    const auto found = names_.find({section, offset});
    return found == names_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  void add(const Btf& btf, std::string_view section, const BtfSectionEntry& entry) {
    const BtfType& variable = btf.type(entry.type);
    if (variable.kind != BtfKind::variable) return;
    const BtfType& type = btf.resolved(variable.target);
    if (type.kind != BtfKind::structure) return;
    for (const BtfMember& member : type.members) {
      if (btf.resolved(member.type).bytes != kPointerBytes) continue;
      names_.emplace(std::pair(section, std::uint64_t{entry.offset} + member.bit_offset / 8),
                     made_printable(type.name) + "::" + made_printable(member.name));
    }
  }

  std::map<std::pair<std::string_view, std::uint64_t>, std::string> names_;
};

}  // namespace

bool is_struct_ops_section(std::string_view name) { return name == ".struct_ops" || name == ".struct_ops.link"; }

Result<void> find_struct_ops(ObjectData& data) {
  if (!data.btf) return {};
  std::optional<Members> members;
  std::map<std::string_view, EntryPoint*> entries;
  for (EntryPoint& entry : data.entry_points) entries.emplace(entry.name, &entry);
  for (const Section& section : data.image.sections) {
    if (!is_struct_ops_section(section.name) || section.relocations.empty()) continue;
    if (!members) members.emplace(*data.btf);
    for (const Relocation& relocation : section.relocations) {
      const std::string& function = data.image.symbols[relocation.symbol].name;
      const auto member = members->at(section.name, relocation.offset);
      const auto entry = entries.find(function);
      if (member && entry != entries.end()) entry->second->implements = *member;
    }
  }
  return {};
}

}  // namespace tenon::object
