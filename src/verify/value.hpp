// SPDX-License-Identifier: Apache-2.0
// What a register or a stack slot may hold.
#pragma once

#include <cstdint>
#include <string>

#include "interface/declarations.hpp"
#include "ir/program.hpp"
#include "verify/linear.hpp"
#include "verify/word.hpp"

namespace tenon::verify {

/// A number, seen by both domains at once. The register equals `form` modulo 2^64.
struct Scalar {
  Number number = Number::constant(0);
  Linear form;
};

/// Where the interface lets a host pointer go, as bits.
enum Escape : std::uint8_t { kEscapesToHeap = 1, kEscapesToMap = 2, kEscapesByReturn = 4 };
constexpr std::uint8_t escapes_of(const interface::Escapes& e) {
  return static_cast<std::uint8_t>((e.heap ? kEscapesToHeap : 0) | (e.map ? kEscapesToMap : 0) | (e.result ? kEscapesByReturn : 0));
}

using RegionId = std::uint32_t;
using InstanceId = std::uint32_t;
inline constexpr InstanceId kNoInstance = 0;
using ScopeId = std::uint32_t;
inline constexpr ScopeId kNoScope = 0;

struct Value {
  enum class Kind : std::uint8_t {
    none,     ///< never written on some path, or clobbered by a call
    lost,     ///< cannot be used any more; `loss` says why
    scalar,   ///< any number, heap pointers included
    global,   ///< address inside the globals block: `scalar` is the offset from its start
    stack,    ///< address in the frame at depth `id`: `scalar` is the offset from its r10
    context,  ///< address of a declared struct (context `id`) plus `scalar`
    memory,   ///< address in region `id` plus `scalar`
    object,   ///< host object: instance `id` of `type`
    probed,  ///< address in the host's memory that loads may try, and they give 0 where nothing is: structure `id` of the host's types, plus `scalar`
    map,     ///< the map at index `id` of the program's definitions
  };
  enum class Loss : std::uint8_t {
    none,
    merged,           ///< different things on different paths
    released,         ///< the object was given back at `origin`
    owner_gone,       ///< what it belonged to was given back at `origin`
    scope_left,       ///< the region that it was valid in ended at `origin`
    moved,            ///< the memory changed its place at `origin`
    not_held,         ///< on the paths to here the object, acquired at instruction `id`, is not held
    stack_or_number,  ///< the stack address of frame `id` on one path, a number on another: using it moves that frame into the heap
  };

  Kind kind = Kind::none;
  Loss loss = Loss::none;
  bool nullable = false;     ///< memory, context: or 0; object: 0 where its instance is not held (an instance that may not be held and a
                             ///< pointer that is not nullable: anything there)
  std::uint8_t escapes = 0;  ///< host pointers: where they may be stored (Escape)
  std::uint32_t id = 0;
  std::uint32_t null_id = 0;      ///< nullable memory: copies of one result share it; 0 matches none
  interface::ObjectTypeIdx type;  ///< object
  Scalar scalar;
  ir::InsnIdx origin;  ///< where the value came from; for lost values, where it was lost

  bool is_pointer() const { return kind == Kind::stack || is_host_pointer(); }
  bool is_host_pointer() const {
    return kind == Kind::context || kind == Kind::memory || kind == Kind::object || kind == Kind::map || kind == Kind::probed;
  }
  /// An address that is a number to the extension wherever it wants one: the interface lets it go everywhere.
  bool is_free() const { return kind == Kind::probed && escapes == (kEscapesToHeap | kEscapesToMap | kEscapesByReturn); }
  bool is_object(InstanceId instance) const { return kind == Kind::object && id == instance; }
  bool is_number() const { return kind == Kind::scalar || kind == Kind::global; }
  bool is_zero() const { return kind == Kind::scalar && scalar.number.is_constant() && scalar.number.constant_value() == 0; }

  static Value of(Kind kind, Scalar scalar, std::uint32_t id = 0) {
    Value value;
    value.kind = kind;
    value.scalar = scalar;
    value.id = id;
    return value;
  }
  static Value constant(std::uint64_t number) { return of(Kind::scalar, {Number::constant(number), Linear(static_cast<std::int64_t>(number))}); }
  static Value lost_value(Loss loss, ir::InsnIdx where) {
    Value value;
    value.kind = Kind::lost;
    value.loss = loss;
    value.origin = where;
    return value;
  }
};

}  // namespace tenon::verify
