// SPDX-License-Identifier: Apache-2.0
// BTF read on demand: opening it measures every type record once, everything else is decoded when asked for. Made for a kernel's types, of which a
// program needs a handful out of 150,000. Total: any id, index or name may be asked for, and what does not exist is void, empty or zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <tenon/result.hpp>

#include "object/btf.hpp"

namespace tenon::object {

class BtfView {
 public:
  struct Member {
    std::string_view name;
    TypeId type = 0;
    std::uint32_t bit_offset = 0;
    std::uint32_t bits = 0;  ///< of a bit field; 0 for other members
  };
  struct Enumerator {
    std::string_view name;
    std::uint64_t value = 0;  ///< sign-extended where the enumeration is signed
  };
  struct Array {
    TypeId element = 0;
    std::uint32_t count = 0;
  };
  struct Integer {
    std::uint32_t bits = 0, bit_offset = 0;
    bool is_signed = false;
  };

  /// A view into `bytes`. Errors: E0118. Cost: O(types), 1 to 2 ms for a kernel's.
  static Result<BtfView> read(std::span<const std::byte> bytes);

  TypeId size() const { return static_cast<TypeId>(offsets_.size()); }  ///< ids below this are types
  BtfKind kind(TypeId id) const;
  std::string_view name(TypeId id) const;
  bool flag(TypeId id) const;                       ///< forward: a union; enumerations: signed
  std::uint32_t entries(TypeId id) const;           ///< members, enumerators, parameters
  TypeId target(TypeId id) const;                   ///< pointee, aliased type, element, prototype, result
  Member member(TypeId id, std::uint32_t i) const;  ///< of a structure, a union or a prototype
  Enumerator enumerator(TypeId id, std::uint32_t i) const;
  Array array(TypeId id) const;
  Integer integer(TypeId id) const;

  /// Behind names, qualifiers and tags; void where they go round in a circle.
  TypeId unqualified(TypeId id) const;
  /// Bytes of a value; nothing for void, functions, circles and sizes beyond 4 GiB.
  std::optional<std::uint64_t> value_bytes(TypeId id) const;

 private:
  struct Record {
    std::uint32_t name = 0, info = 0, size_or_type = 0;
    std::span<const std::byte> trailer;
  };
  Record record(TypeId id) const;
  std::string_view string(std::uint32_t offset) const;

  std::vector<std::uint32_t> offsets_;  ///< by id; of void: unused
  std::span<const std::byte> types_, strings_;
};

}  // namespace tenon::object
