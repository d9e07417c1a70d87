// SPDX-License-Identifier: Apache-2.0
// Host memory that the extension may touch, byte by byte: what hooks hand in, what host functions hand out, the fields of structs. Each piece hangs on a
// loan; a field with a declared range also says which values may be in it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/host_oracle/lifetimes.hpp"

namespace tenon::engine {

struct HostPiece {
  std::uint64_t address = 0, bytes = 0;
  interface::Access access = interface::Access::read;
  Loan loan;
  std::optional<interface::Scalar> values;  ///< a field of the context: what a store may leave in it
  bool whole_only = false;                  ///< a pointer: read in one piece or not at all
  std::optional<std::uint64_t> range_of;    ///< part of the movable memory of the struct at this address
  interface::Escapes escapes;               ///< where its address may be stored
};

/// A struct that the extension may pass on as `&S`.
struct HostStruct {
  std::uint64_t address = 0;
  interface::StructIdx type;
  Loan loan;
  interface::Escapes escapes;
};

class HostMemory {
 public:
  HostMemory(const interface::Declarations& declarations, Lifetimes& lifetimes) : declarations_(declarations), lifetimes_(lifetimes) {}
  void clear();

  void add(HostPiece piece);
  /// The struct's fields, and what its pointers lead to now.
  void add_struct(interface::StructIdx type, std::uint64_t address, const Loan& loan, const interface::Escapes& escapes = {});
  /// A field or a parameter that points: what it points to may be used as declared.
  void add_pointee(const interface::Type& type, std::uint64_t address, const Loan& loan);
  /// `moves`: pointers into the struct's memory are dead, what it says now counts.
  void moved(interface::StructIdx type, std::uint64_t address);

  /// True when pieces that are valid and allow the access hold every byte of [address, +bytes).
  bool allows(std::uint64_t address, std::uint64_t bytes, bool write) const;
  /// The field that a store of these bytes would leave with a value outside its declared range.
  const HostPiece* spoilt_by(std::uint64_t address, std::uint64_t bytes, std::uint64_t value) const;
  bool is_struct(interface::StructIdx type, std::uint64_t address) const;
  /// What `value` points into, of all that was ever handed out.
  const HostPiece* pointed_to_by(std::uint64_t value) const;

 private:
  void add_ranges(const interface::Struct& type, std::uint64_t address, const Loan& loan, const interface::Escapes& escapes);

  const interface::Declarations& declarations_;
  Lifetimes& lifetimes_;
  std::vector<HostPiece> pieces_;
  std::vector<HostStruct> structs_;
};

/// `value` reduced to the type's width lies in its range.
bool in_range(const interface::Scalar& type, std::uint64_t value);

}  // namespace tenon::engine
