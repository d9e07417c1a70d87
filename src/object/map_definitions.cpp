// SPDX-License-Identifier: Apache-2.0
// Map definitions: variables of the .maps section whose BTF type spells out numbers as array lengths, and structures of plain numbers in `maps`
// sections.
#include <fmt/format.h>

#include <algorithm>

#include "object/bytes.hpp"
#include "object/map_kinds.hpp"
#include "object/object_data.hpp"
#include "object/special_fields.hpp"

namespace tenon::object {
namespace {

constexpr std::string_view kMapSection = ".maps";
constexpr std::uint32_t kLeastLegacyBytes = 20, kMostLegacyBytes = 64;  // type, key, value, entries, flags; later fields are other loaders' business
constexpr std::uint32_t kPinByName = 1;
constexpr std::uint32_t kMaxSlots = 1u << 16;

class MapFinder {
 public:
  explicit MapFinder(ObjectData& data) : data_(data) {
    if (data_.btf) fields_.emplace(*data_.btf, data_.declarations);
  }

  Result<MapSymbols> run() {
    index_symbols();
    for (const Symbol& symbol : data_.image.symbols) {
      if (symbol.home != Symbol::Home::section || symbol.name.empty() || is_marker(symbol)) continue;
      const std::string& section = data_.image.sections[symbol.section].name;
      if (!is_map_section(section)) continue;
      const bool ok = section == kMapSection ? add(symbol) : add_legacy(symbol);
      if (!ok) return refuse("E0113", message_, "declare maps as libbpf's documentation shows, and build with -g");
    }
    return std::move(symbols_);
  }

 private:
  /// Section symbols and compiler labels define nothing.
  static bool is_marker(const Symbol& symbol) { return symbol.type == kSectionSymbol || symbol.name.starts_with(".L"); }
  static constexpr std::uint8_t kSectionSymbol = 3;  // STT_SECTION

  bool fail(std::string_view name, std::string_view why) {
    message_ = fmt::format("map '{}' {}", name, why);
    return false;
  }

  void index_symbols() {
    for (const Symbol& symbol : data_.image.symbols) {
      if (symbol.home != Symbol::Home::section || symbol.name.empty() || is_marker(symbol)) continue;
      if (is_map_section(data_.image.sections[symbol.section].name)) legacy_count_[symbol.section] += 1;
    }
  }

  bool register_map(const Symbol& symbol, ir::MapDefinition map) {
    map.kind = map_kind(map.type);
    const auto index = static_cast<std::uint32_t>(data_.maps.size());
    if (!symbols_.at.emplace(std::pair(symbol.section, symbol.value), index).second) return fail(symbol.name, "lies where another map lies");
    data_.maps.push_back(std::move(map));
    return true;
  }

  /// Some compilers give these symbols no size: then the maps share the section evenly.
  bool add_legacy(const Symbol& symbol) {
    const Section& section = data_.image.sections[symbol.section];
    const std::uint64_t bytes = symbol.bytes != 0 ? symbol.bytes : section.bytes / legacy_count_.at(symbol.section);
    if (bytes < kLeastLegacyBytes || bytes > kMostLegacyBytes || bytes % 4 != 0 || !inside(symbol.value, bytes, section.data.size())) {
      return fail(symbol.name,
                  fmt::format("is {} bytes large; definitions in '{}' have {} to {}", bytes, section.name, kLeastLegacyBytes, kMostLegacyBytes));
    }
    const auto word = [&](std::uint64_t i) { return load<std::uint32_t>(section.data, symbol.value + 4 * i).value_or(0); };
    ir::MapDefinition map{
        .name = symbol.name, .type = word(0), .key_bytes = word(1), .value_bytes = word(2), .max_entries = word(3), .flags = word(4)};
    if (map.type == 0) return fail(symbol.name, "has no type");
    return register_map(symbol, std::move(map));
  }

  bool add(const Symbol& symbol) {
    const BtfType* type = type_of(symbol.name);
    if (type == nullptr) return fail(symbol.name, "has no definition in BTF");
    ir::MapDefinition map{.name = symbol.name};
    if (!define(map, *type, false) || !initial_slots(map, symbol, *type)) return false;
    return register_map(symbol, std::move(map));
  }

  bool define(ir::MapDefinition& map, const BtfType& type, bool is_inner) {
    bool has_values = false;
    for (const BtfMember& member : type.members) {
      if (member.name == "values") {
        if (is_inner) return fail(map.name, "holds maps that hold maps");
        if (!values(map, member.type)) return fail(map.name, "has a field 'values' that is not what libbpf's macros make");
        has_values = true;
      } else if (!attribute(map, member)) {
        return false;
      }
    }
    map.kind = map_kind(map.type);
    if (map.type == 0) return fail(map.name, "has no type");
    const bool may_hold = map.kind == "array_of_maps" || map.kind == "hash_of_maps" || map.kind == "prog_array";
    if (has_values && (!may_hold || map.holds_programs != (map.kind == "prog_array")))
      return fail(map.name, "holds values that its type cannot hold");
    return true;
  }

  bool attribute(ir::MapDefinition& map, const BtfMember& member) {
    const auto misshapen = [&] {
      return fail(map.name, fmt::format("has a field '{}' that is not what libbpf's macros make", made_printable(member.name)));
    };
    if (member.name == "key" || member.name == "value") {
      const BtfType& pointer = data_.btf->resolved(member.type);
      if (pointer.kind != BtfKind::pointer) return misshapen();
      return member.name == "key" ? key(map, pointer.target) : value(map, pointer.target);
    }
    const auto number = number_in(member.type);
    if (!number) return misshapen();
    if (member.name == "map_extra") {
      map.extra = *number;
      return true;
    }
    if (*number > UINT32_MAX) return misshapen();
    const auto small = static_cast<std::uint32_t>(*number);
    if (member.name == "type") {
      map.type = small;
    } else if (member.name == "max_entries") {
      map.max_entries = small;
    } else if (member.name == "map_flags") {
      map.flags = small;
    } else if (member.name == "numa_node") {
      map.numa_node = small;
    } else if (member.name == "pinning") {
      if (small > kPinByName) return misshapen();
      map.is_pinned = small == kPinByName;
    } else if (member.name == "key_size") {
      return set_bytes(map, map.key_bytes, small, "keys");
    } else if (member.name == "value_size") {
      return set_bytes(map, map.value_bytes, small, "values");
    } else {
      return fail(map.name, fmt::format("has a field '{}' that no map has", made_printable(member.name)));
    }
    return true;
  }

  bool set_bytes(const ir::MapDefinition& map, std::uint32_t& field, std::uint64_t bytes, std::string_view what) {
    if (bytes > UINT32_MAX || (field != 0 && field != bytes)) return fail(map.name, fmt::format("gives two sizes to its {}, or an absurd one", what));
    field = static_cast<std::uint32_t>(bytes);
    return true;
  }

  /// clang only names a structure that nothing but the inner map of a map of maps uses.
  bool is_only_named(TypeId type) const { return data_.btf->resolved(type).kind == BtfKind::forward; }

  bool key(ir::MapDefinition& map, TypeId type) {
    if (is_only_named(type)) return fail(map.name, "has keys of a type that the object names and does not describe");
    const ir::TypeFacts facts = type_facts(*data_.btf, type);
    map.key_type = facts.text;
    return set_bytes(map, map.key_bytes, facts.bytes, "keys");
  }

  bool value(ir::MapDefinition& map, TypeId type) {
    if (is_only_named(type)) return fail(map.name, "has values of a type that the object names and does not describe");
    const ir::TypeFacts facts = type_facts(*data_.btf, type);
    map.value_type = facts.text;
    map.value_btf = type;
    auto fields = fields_->of(type);
    if (!fields) return fail(map.name, fields.error());
    map.fields = *std::move(fields);
    return set_bytes(map, map.value_bytes, facts.bytes, "values");
  }

  /// __array(values, T) makes `T *values[]`: T is the inner map's structure, or a function.
  bool values(ir::MapDefinition& map, TypeId type) {
    const BtfType& array = data_.btf->resolved(type);
    if (array.kind != BtfKind::array) return false;
    const BtfType& pointer = data_.btf->resolved(array.target);
    if (pointer.kind != BtfKind::pointer) return false;
    const BtfType& held = data_.btf->resolved(pointer.target);
    if (held.kind == BtfKind::prototype) {
      map.holds_programs = true;
      return set_bytes(map, map.value_bytes, 4, "values") && (map.key_bytes != 0 || set_bytes(map, map.key_bytes, 4, "keys"));
    }
    if (held.kind != BtfKind::structure) return false;
    ir::MapDefinition inner{.name = map.name + ".inner"};
    if (!define(inner, held, true)) return false;
    map.inner = std::make_shared<const ir::MapDefinition>(std::move(inner));
    return set_bytes(map, map.value_bytes, 4, "values") && (map.key_bytes != 0 || set_bytes(map, map.key_bytes, 4, "keys"));
  }

  /// Relocations inside `values` say what the slots hold from the start.
  bool initial_slots(ir::MapDefinition& map, const Symbol& symbol, const BtfType& type) {
    const auto values = std::find_if(type.members.begin(), type.members.end(), [](const BtfMember& m) { return m.name == "values"; });
    if (values == type.members.end()) return true;
    const std::uint64_t begin = symbol.value + values->bit_offset / 8, end = symbol.value + symbol.bytes;
    const auto& relocations = data_.image.sections[symbol.section].relocations;
    auto one = std::lower_bound(relocations.begin(), relocations.end(), begin, [](const Relocation& r, std::uint64_t at) { return r.offset < at; });
    for (; one != relocations.end() && one->offset < end; ++one) {
      const std::uint64_t index = (one->offset - begin) / 8;
      if ((one->offset - begin) % 8 != 0 || index >= kMaxSlots || !is_data_address(one->type)) {
        return fail(map.name, "has a relocation that is for no slot of it");
      }
      const auto held = name_behind(*one, map.holds_programs);
      if (!held) return fail(map.name, fmt::format("holds in slot {} what is no {} of the object", index, map.holds_programs ? "program" : "map"));
      map.slots.push_back({static_cast<std::uint32_t>(index), *held});
    }
    return true;
  }

  std::optional<std::string> name_behind(const Relocation& relocation, bool wants_function) const {
    const Symbol& symbol = data_.image.symbols[relocation.symbol];
    if (symbol.home != Symbol::Home::section || symbol.name.empty()) return std::nullopt;
    const Section& section = data_.image.sections[symbol.section];
    return wants_function                 ? section.is_code() && symbol.type == kFunctionSymbol ? std::optional(symbol.name) : std::nullopt
           : is_map_section(section.name) ? std::optional(symbol.name)
                                          : std::nullopt;
  }
  static constexpr std::uint8_t kFunctionSymbol = 2;  // STT_FUNC

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

  /// __uint(name, n) makes `int (*name)[n]`; __ulong(name, n) an enumeration with n as its only value.
  std::optional<std::uint64_t> number_in(TypeId id) const {
    const BtfType& type = data_.btf->resolved(id);
    if ((type.kind == BtfKind::enumeration || type.kind == BtfKind::enumeration64) && type.enumerators.size() == 1) return type.enumerators[0].value;
    if (type.kind != BtfKind::pointer) return std::nullopt;
    const BtfType& array = data_.btf->resolved(type.target);
    return array.kind == BtfKind::array ? std::optional<std::uint64_t>(array.count) : std::nullopt;
  }

  ObjectData& data_;
  std::optional<SpecialFields> fields_;
  std::map<std::string_view, const BtfType*> types_;
  std::map<std::uint32_t, std::uint32_t> legacy_count_;  ///< maps by ELF section index
  std::string message_;
  MapSymbols symbols_;
};

}  // namespace

bool is_map_section(std::string_view name) { return name == kMapSection || name == "maps" || name.starts_with("maps/"); }

Result<MapSymbols> find_maps(ObjectData& data) { return MapFinder(data).run(); }

}  // namespace tenon::object
