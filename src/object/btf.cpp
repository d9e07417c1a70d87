// SPDX-License-Identifier: Apache-2.0
// Reads in three passes: the shapes of all types, then their references, then sizes along containment, where a cycle shows.
#include "object/btf.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "object/btf_format.hpp"
#include "object/bytes.hpp"

namespace tenon::object {
namespace {

constexpr std::uint64_t kMaxTypeBytes = 1ull << 40;

bool is_value_kind(BtfKind kind) {
  return kind != BtfKind::function && kind != BtfKind::variable && kind != BtfKind::data_section && kind != BtfKind::decl_tag;
}
bool has_target(BtfKind kind) {
  return kind == BtfKind::pointer || is_alias(kind) || kind == BtfKind::function || kind == BtfKind::prototype || kind == BtfKind::variable ||
         kind == BtfKind::decl_tag;
}

}  // namespace

class BtfReader {
 public:
  explicit BtfReader(std::span<const std::byte> section) : section_(section) {}

  Result<Btf> run() {
    if (!header() || !shapes() || !references() || !sizes())
      return refuse("E0114", "the BTF section is damaged: " + message_, "build the object again");
    return std::move(btf_);
  }

 private:
  bool fail(std::string message) {
    message_ = std::move(message);
    return false;
  }

  bool header() {
    const auto parts = split_btf(section_, message_);
    if (!parts) return false;
    types_ = parts->types;
    btf_.strings_ = parts->strings;
    return true;
  }

  bool shapes() {
    btf_.types_.emplace_back();  // void
    std::uint64_t at = 0;
    while (at < types_.size()) {
      const auto raw = load<RawType>(types_, at);
      if (!raw) return fail("it ends inside a type");
      at += sizeof(RawType);
      if (btf_.types_.size() >= kMaxTypes) return fail("too many types");
      if (!shape(*raw, at)) return false;
    }
    return true;
  }

  bool shape(const RawType& raw, std::uint64_t& at) {
    const TypeId id = static_cast<TypeId>(btf_.types_.size());
    const unsigned kind = raw_kind(raw.info);
    const std::uint32_t entries = raw_entries(raw.info);
    if (kind == 0 || kind > static_cast<unsigned>(BtfKind::enumeration64)) return fail(fmt::format("type {} has unknown kind {}", id, kind));
    BtfType type;
    type.kind = static_cast<BtfKind>(kind);
    const auto name = btf_.string(raw.name);
    if (!name) return fail(fmt::format("the name of type {} lies outside the strings", id));
    type.name = *name;
    if (has_size(type.kind)) type.bytes = raw.size_or_type;
    if (has_target(type.kind)) type.target = raw.size_or_type;
    if (type.kind == BtfKind::function) type.linkage = entries;
    if (type.kind == BtfKind::forward) type.is_union = raw_flag(raw.info);
    if (type.kind == BtfKind::pointer) type.bytes = 8;

    const BtfTrailer trailer = trailer_of(type.kind);
    const std::uint64_t trailer_bytes = std::uint64_t{trailer.each} * entries + trailer.once;
    if (!inside(at, trailer_bytes, types_.size())) return fail(fmt::format("it ends inside type {}", id));
    if (!entries_of(type, types_.subspan(at, trailer_bytes), entries, raw_flag(raw.info)))
      return fail(fmt::format("a name in type {} lies outside the strings", id));
    at += trailer_bytes;
    btf_.types_.push_back(std::move(type));
    return true;
  }

  bool entries_of(BtfType& type, std::span<const std::byte> trailer, std::uint32_t entries, bool bitfields) {
    const auto word = [&](std::uint64_t at) { return load<std::uint32_t>(trailer, at).value_or(0); };
    if (type.kind == BtfKind::array) {
      type.target = word(0);
      index_type_of_.emplace_back(static_cast<TypeId>(btf_.types_.size()), word(4));
      type.count = word(8);
    }
    if (type.kind == BtfKind::integer) type.is_signed = (word(0) >> 24 & 1) != 0;
    if (type.kind == BtfKind::variable) type.linkage = word(0);
    if (type.kind == BtfKind::decl_tag) type.component = word(0);
    if (type.kind == BtfKind::data_section) {
      for (std::uint32_t i = 0; i < entries; ++i) type.variables.push_back({word(12ull * i), word(12ull * i + 4), word(12ull * i + 8)});
    }
    if (type.kind == BtfKind::enumeration || type.kind == BtfKind::enumeration64) {
      type.is_signed = bitfields;
      return enumerators_of(type, trailer, entries);
    }
    const bool is_prototype = type.kind == BtfKind::prototype;
    if (!is_prototype && type.kind != BtfKind::structure && type.kind != BtfKind::union_type) return true;
    const std::uint64_t each = is_prototype ? 8 : 12;
    for (std::uint32_t i = 0; i < entries; ++i) {
      const auto name = btf_.string(word(each * i));
      if (!name) return false;
      std::uint32_t bit_offset = is_prototype ? 0 : word(each * i + 8);
      if (bitfields) bit_offset &= 0xffffff;
      type.members.push_back({*name, word(each * i + 4), bit_offset});
    }
    return true;
  }

  bool enumerators_of(BtfType& type, std::span<const std::byte> trailer, std::uint32_t entries) {
    const std::uint64_t each = trailer_of(type.kind).each;
    for (std::uint32_t i = 0; i < entries; ++i) {
      const auto name = btf_.string(load<std::uint32_t>(trailer, each * i).value_or(0));
      if (!name) return false;
      const std::uint64_t low = load<std::uint32_t>(trailer, each * i + 4).value_or(0);
      const std::uint64_t high = each == 12 ? load<std::uint32_t>(trailer, each * i + 8).value_or(0) : 0;
      type.enumerators.push_back({*name, high << 32 | low});
    }
    return true;
  }

  bool is_value(TypeId id) const { return id != 0 && id < btf_.size() && is_value_kind(btf_.type(id).kind); }
  bool is_value_or_void(TypeId id) const { return id == 0 || is_value(id); }

  bool references() {
    for (TypeId id = 1; id < btf_.size(); ++id) {
      if (!references_of(btf_.type(id))) return fail(fmt::format("type {} refers to a type that does not exist or does not fit", id));
    }
    const auto bad_index = std::find_if(index_type_of_.begin(), index_type_of_.end(), [&](const auto& pair) { return !is_value(pair.second); });
    return bad_index == index_type_of_.end() || fail(fmt::format("array type {} has no index type", bad_index->first));
  }

  bool references_of(const BtfType& type) const {
    switch (type.kind) {
      case BtfKind::pointer:
      case BtfKind::type_name:
      case BtfKind::volatile_type:
      case BtfKind::const_type:
      case BtfKind::restrict_type:
      case BtfKind::type_tag:
        return is_value_or_void(type.target);
      case BtfKind::array:
        return is_value(type.target);
      case BtfKind::function:
        return type.target < btf_.size() && btf_.type(type.target).kind == BtfKind::prototype && type.linkage <= 2;
      case BtfKind::variable:
        return is_value_or_void(type.target);
      case BtfKind::decl_tag:
        return type.target != 0 && type.target < btf_.size();
      case BtfKind::prototype:
        return is_value_or_void(type.target) && parameters_are_legal(type);
      case BtfKind::structure:
      case BtfKind::union_type:
        return members_are_legal(type);
      case BtfKind::data_section:
        return variables_are_legal(type);
      case BtfKind::void_type:
      case BtfKind::integer:
      case BtfKind::enumeration:
      case BtfKind::forward:
      case BtfKind::floating:
      case BtfKind::enumeration64:
        return true;
    }
    return false;
  }
  /// The last parameter may be void: it stands for "...".
  bool parameters_are_legal(const BtfType& type) const {
    for (std::size_t i = 0; i < type.members.size(); ++i) {
      const bool is_ellipsis = i + 1 == type.members.size() && type.members[i].type == 0;
      if (!is_ellipsis && !is_value(type.members[i].type)) return false;
    }
    return true;
  }
  bool members_are_legal(const BtfType& type) const {
    return std::all_of(type.members.begin(), type.members.end(),
                       [&](const BtfMember& member) { return is_value(member.type) && member.bit_offset <= type.bytes * 8; });
  }
  bool variables_are_legal(const BtfType& type) const {
    return std::all_of(type.variables.begin(), type.variables.end(), [&](const BtfSectionEntry& entry) {
      if (entry.type == 0 || entry.type >= btf_.size()) return false;
      const BtfKind kind = btf_.type(entry.type).kind;
      return kind == BtfKind::variable || kind == BtfKind::function;
    });
  }

  /// The i-th type whose value is part of a value of `type`; pointers and prototypes only refer.
  static std::optional<TypeId> contained(const BtfType& type, std::size_t i) {
    if (is_alias(type.kind) || type.kind == BtfKind::array || type.kind == BtfKind::variable) {
      return i == 0 ? std::optional(type.target) : std::nullopt;
    }
    if (type.kind != BtfKind::structure && type.kind != BtfKind::union_type) return std::nullopt;
    return i < type.members.size() ? std::optional(type.members[i].type) : std::nullopt;
  }

  bool sizes() {
    enum class Mark : std::uint8_t { fresh, open, done };
    std::vector<Mark> marks(btf_.size(), Mark::fresh);
    marks[0] = Mark::done;
    std::vector<std::pair<TypeId, std::size_t>> stack;
    for (TypeId root = 1; root < btf_.size(); ++root) {
      if (marks[root] == Mark::fresh) stack.emplace_back(root, 0);
      while (!stack.empty()) {
        const TypeId id = stack.back().first;
        marks[id] = Mark::open;
        const auto part = contained(btf_.type(id), stack.back().second++);
        if (!part) {
          if (!finish(id)) return fail(fmt::format("type {} has an absurd size", id));
          marks[id] = Mark::done;
          stack.pop_back();
        } else if (marks[*part] == Mark::open) {
          return fail(fmt::format("type {} contains itself", *part));
        } else if (marks[*part] == Mark::fresh) {
          stack.emplace_back(*part, 0);
        }
      }
    }
    return true;
  }

  /// Requires: every part of the type is finished.
  bool finish(TypeId id) {
    BtfType& type = btf_.types_[id];
    type.behind = type.named = id;
    if (is_alias(type.kind)) {
      const BtfType& target = btf_.type(type.target);
      type.behind = target.behind;
      if (type.kind != BtfKind::type_name) type.named = target.named;
      type.is_const = type.kind == BtfKind::const_type || target.is_const;
    }
    if (is_alias(type.kind) || type.kind == BtfKind::variable) type.bytes = btf_.type(type.target).bytes;
    if (type.kind != BtfKind::array) return true;
    const std::uint64_t element = btf_.type(type.target).bytes;
    if (element != 0 && type.count > kMaxTypeBytes / element) return false;
    type.bytes = element * type.count;
    return true;
  }

  std::span<const std::byte> section_, types_;
  std::vector<std::pair<TypeId, TypeId>> index_type_of_;  ///< array, its index type
  std::string message_;
  Btf btf_;
};

Result<Btf> Btf::read(std::span<const std::byte> section) { return BtfReader(section).run(); }

std::optional<std::string_view> Btf::string(std::uint32_t offset) const { return string_at(strings_, offset); }

std::uint8_t argument_registers(const Btf& btf, const BtfType& prototype) {
  const BtfKind result = btf.resolved(prototype.target).kind;
  if (result == BtfKind::structure || result == BtfKind::union_type) return 5;  // may take a hidden pointer
  unsigned registers = 0;
  for (const BtfMember& parameter : prototype.members) {
    if (parameter.type == 0) return 5;  // "..."
    const std::uint64_t bytes = btf.type(parameter.type).bytes;
    registers += bytes > 8 && bytes <= 16 ? 2 : 1;
    if (registers >= 5) return 5;
  }
  return static_cast<std::uint8_t>(registers);
}

}  // namespace tenon::object
