// SPDX-License-Identifier: Apache-2.0
// Map definitions: variables of the .maps section whose BTF type spells out numbers as array lengths.
#include <fmt/format.h>

#include <algorithm>

#include "object/object_data.hpp"

namespace tenon::object {
namespace {

constexpr std::string_view kMapSection = ".maps";

class MapFinder {
 public:
  explicit MapFinder(ObjectData& data) : data_(data) {}

  Result<MapSymbols> run() {
    for (const Symbol& symbol : data_.image.symbols) {
      if (symbol.home == Symbol::Home::section && data_.image.sections[symbol.section].name == kMapSection && !symbol.name.empty() && !add(symbol)) {
        return refuse("E0113", message_, "declare maps as libbpf's documentation shows, and build with -g");
      }
    }
    return std::move(symbols_);
  }

 private:
  bool fail(const Symbol& symbol, std::string_view why) {
    message_ = fmt::format("map '{}' {}", symbol.name, why);
    return false;
  }

  bool add(const Symbol& symbol) {
    const BtfType* type = type_of(symbol.name);
    if (type == nullptr) return fail(symbol, "has no definition in BTF");
    ir::MapDefinition map{.name = symbol.name};
    for (const BtfMember& member : type->members) {
      std::uint32_t* field = field_of(map, member.name);
      if (field == nullptr) continue;
      const auto value = member.name == "key" || member.name == "value" ? size_behind(member.type) : number_in(member.type);
      if (!value) return fail(symbol, fmt::format("has a field '{}' that is not what libbpf's macros make", member.name));
      *field = *value;
    }
    if (map.type == 0) return fail(symbol, "has no type");
    const auto index = static_cast<std::uint32_t>(data_.maps.size());
    if (!symbols_.at.emplace(std::pair(symbol.section, symbol.value), index).second) return fail(symbol, "lies where another map lies");
    data_.maps.push_back(std::move(map));
    return true;
  }

  static std::uint32_t* field_of(ir::MapDefinition& map, std::string_view name) {
    if (name == "type") return &map.type;
    if (name == "max_entries") return &map.max_entries;
    if (name == "key" || name == "key_size") return &map.key_bytes;
    if (name == "value" || name == "value_size") return &map.value_bytes;
    return nullptr;
  }

  const BtfType* type_of(std::string_view name) {
    if (!data_.btf) return nullptr;
    if (types_.empty()) index_variables();
    const auto found = types_.find(name);
    return found == types_.end() ? nullptr : found->second;
  }
  void index_variables() {
    for (TypeId id = 1; id < data_.btf->size(); ++id) {
      const BtfType& section = data_.btf->type(id);
      if (section.kind != BtfKind::data_section || section.name != kMapSection) continue;
      for (const BtfSectionEntry& entry : section.variables) {
        const BtfType& variable = data_.btf->type(entry.type);
        if (variable.kind != BtfKind::variable) continue;
        const BtfType& type = data_.btf->resolved(variable.target);
        if (type.kind == BtfKind::structure) types_.emplace(variable.name, &type);
      }
    }
  }

  /// __uint(name, n) makes `int (*name)[n]`.
  std::optional<std::uint32_t> number_in(TypeId id) const {
    const BtfType& pointer = data_.btf->resolved(id);
    if (pointer.kind != BtfKind::pointer) return std::nullopt;
    const BtfType& array = data_.btf->resolved(pointer.target);
    return array.kind == BtfKind::array ? std::optional(array.count) : std::nullopt;
  }
  /// __type(name, T) makes `T *name`.
  std::optional<std::uint32_t> size_behind(TypeId id) const {
    const BtfType& pointer = data_.btf->resolved(id);
    if (pointer.kind != BtfKind::pointer) return std::nullopt;
    const std::uint64_t bytes = data_.btf->resolved(pointer.target).bytes;
    return bytes <= UINT32_MAX ? std::optional(static_cast<std::uint32_t>(bytes)) : std::nullopt;
  }

  ObjectData& data_;
  std::map<std::string_view, const BtfType*> types_;
  std::string message_;
  MapSymbols symbols_;
};

}  // namespace

Result<MapSymbols> find_maps(ObjectData& data) { return MapFinder(data).run(); }

}  // namespace tenon::object
