// SPDX-License-Identifier: Apache-2.0
// BTF type information, read and validated by our own code: every type id, name and size is checked, and no type contains itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <tenon/result.hpp>

namespace tenon::object {

using TypeId = std::uint32_t;  ///< 0 is void
inline constexpr std::size_t kMaxTypes = 1u << 20;

enum class BtfKind : std::uint8_t {
  void_type,
  integer,
  pointer,
  array,
  structure,
  union_type,
  enumeration,
  forward,
  type_name,
  volatile_type,
  const_type,
  restrict_type,
  function,
  prototype,
  variable,
  data_section,
  floating,
  decl_tag,
  type_tag,
  enumeration64,
};

struct BtfMember {
  std::string_view name;
  TypeId type = 0;
  std::uint32_t bit_offset = 0;  ///< structures and unions: from the start
};
struct BtfEnumerator {
  std::string_view name;
  std::uint64_t value = 0;  ///< enumeration: the low 32 bits
};
struct BtfSectionEntry {
  TypeId type = 0;
  std::uint32_t offset = 0, bytes = 0;  ///< as written; nothing checks them against the section
};
/// BtfType::component of a tag that is for the whole declaration.
inline constexpr std::uint32_t kWholeDeclaration = 0xffffffff;

/// Fields are used as the kind says.
struct BtfType {
  BtfKind kind = BtfKind::void_type;
  std::string_view name;
  TypeId target = 0;               ///< pointee, element, aliased or qualified type; a function's prototype; a prototype's result; a variable's type
  std::uint32_t count = 0;         ///< array: number of elements
  std::uint64_t bytes = 0;         ///< size of a value; 0 where there is none
  std::uint32_t linkage = 0;       ///< function, variable: 0 static, 1 global, 2 extern
  std::uint32_t component = 0;     ///< decl_tag: member or parameter it is for, or kWholeDeclaration
  bool is_signed = false;          ///< integer, enumerations
  bool is_union = false;           ///< forward
  TypeId behind = 0;               ///< the type itself, or what its names, qualifiers and tags stand before
  TypeId named = 0;                ///< the first of these that has a name of its own, or is no qualifier
  bool is_const = false;           ///< itself, or a qualifier behind it
  std::vector<BtfMember> members;  ///< structures, unions; a prototype's parameters
  std::vector<BtfEnumerator> enumerators;
  std::vector<BtfSectionEntry> variables;  ///< data sections
};

/// Views into the bytes it was read from.
class Btf {
 public:
  /// Errors: E0114. Cost: O(bytes); no recursion.
  static Result<Btf> read(std::span<const std::byte> section);

  std::size_t size() const { return types_.size(); }  ///< ids below this are types
  const BtfType& type(TypeId id) const { return types_[id]; }
  /// Behind aliases, qualifiers and tags.
  const BtfType& resolved(TypeId id) const { return types_[types_[id].behind]; }
  std::optional<std::string_view> string(std::uint32_t offset) const;

 private:
  friend class BtfReader;
  std::vector<BtfType> types_;
  std::span<const std::byte> strings_;
};

/// How many argument registers a function of this prototype takes: clang passes values of 9 to 16 bytes in two. At most 5.
std::uint8_t argument_registers(const Btf& btf, const BtfType& prototype);

}  // namespace tenon::object
