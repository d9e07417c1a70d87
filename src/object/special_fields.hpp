// SPDX-License-Identifier: Apache-2.0
// Fields of a map's values that belong to the host: locks, timers, list heads, kernel pointers.
#pragma once

#include <expected>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "ir/program.hpp"
#include "object/declarations.hpp"

namespace tenon::object {

/// Remembers what it found in each type, so that types inside types cost no more than they are long.
class SpecialFields {
 public:
  /// `declared`: structures that are special fields, too.
  SpecialFields(const Btf& btf, const Declarations& declarations, std::span<const std::string> declared = {})
      : btf_(btf), declarations_(declarations), declared_(declared) {}

  /// Sorted by offset. The error is a sentence's end: "has more than 64 ...".
  std::expected<std::vector<ir::SpecialField>, std::string> of(TypeId id);

 private:
  struct Found {
    ir::SpecialField::Kind kind;
    std::uint64_t offset;
    std::uint32_t bytes;
    TypeId holder;            ///< of a list head or tree root: the structure whose member it is
    std::uint32_t component;  ///< which member
    std::string_view type;    ///< kptr
    std::string_view structure = {};
  };
  bool walk(TypeId id, unsigned depth, std::vector<Found>& found);
  bool walk_members(TypeId id, unsigned depth, std::vector<Found>& found);
  bool repeat(const BtfType& array, unsigned depth, std::vector<Found>& found);
  std::optional<Found> pointer_field(const BtfType& pointer) const;
  ir::SpecialField to_field(const Found& found) const;

  const Btf& btf_;
  const Declarations& declarations_;
  std::span<const std::string> declared_;
  std::map<TypeId, std::vector<Found>> known_;
};

}  // namespace tenon::object
