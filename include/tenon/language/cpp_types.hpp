// SPDX-License-Identifier: Apache-2.0
// Which C++ types a declared type is bound to. Integers have the declared width and sign; `r` memory is a pointer to const, so that the host cannot write
// what the verifier holds unchanged; a callback is a `const tenon::Callback*`; everything else is a pointer.
#pragma once

#include <cstdint>

#include <tenon/language/declarations.hpp>

namespace tenon {

/// One C++ parameter or result type, as bind() compares it with the declaration.
struct CppType {
  enum class Kind : std::uint8_t { nothing, boolean, integer, pointer, callback };
  Kind kind = Kind::nothing;
  std::uint8_t bytes = 0;
  bool is_signed = false;
  bool is_const = false;  ///< pointee is const
  bool operator==(const CppType&) const = default;
};

namespace interface {

/// What C++ must have for one declared type.
struct CppShape {
  CppType type;
  bool boolean_fits = false;   ///< a u8 that is 0 or 1
  bool const_matters = false;  ///< memory
};

constexpr CppShape shape_of(const Type& declared) {
  if (std::holds_alternative<Nothing>(declared)) return {};
  if (const auto* scalar = std::get_if<Scalar>(&declared)) {
    const CppType type{CppType::Kind::integer, static_cast<std::uint8_t>(scalar->bits / 8), scalar->is_signed, false};
    return {type, scalar->bits == 8 && !scalar->is_signed && scalar->hi <= 1, false};
  }
  if (std::holds_alternative<CallbackRef>(declared)) return {{CppType::Kind::callback, 8, false, false}, false, false};
  if (std::holds_alternative<Text>(declared)) return {{CppType::Kind::integer, 8, false, false}, false, false};
  const auto* mem = std::get_if<Mem>(&declared);
  return {{CppType::Kind::pointer, 8, false, mem != nullptr && mem->access == Access::read}, false, mem != nullptr};
}

constexpr bool fits(const CppShape& shape, const CppType& given) {
  if (given.kind == CppType::Kind::boolean) return shape.boolean_fits;
  if (given.kind != shape.type.kind) return false;
  if (given.kind == CppType::Kind::integer) return given.bytes == shape.type.bytes && given.is_signed == shape.type.is_signed;
  return given.kind != CppType::Kind::pointer || !shape.const_matters || given.is_const == shape.type.is_const;
}

}  // namespace interface
}  // namespace tenon
