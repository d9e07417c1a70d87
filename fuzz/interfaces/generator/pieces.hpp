// SPDX-License-Identifier: Apache-2.0
// What the generator's files share: where things lie in the frame, and what a line is.
#pragma once

#include <cstddef>
#include <cstdint>

#include "generator/generator.hpp"

namespace tenon::fuzz {

using interface::Conditional;
using interface::Function;
using interface::Mem;
using interface::ObjectRef;
using isa::AluOp;
using isa::CmpOp;
using isa::Imm;
using isa::Reg;
using isa::Width;

inline constexpr int kFirstSlot = 8, kLastSlot = 96;    ///< distances below r10 of the slots that variables live in
inline constexpr int kBuffer = 256, kBufferBytes = 96;  ///< bytes that are passed as memory: r10-256 .. r10-160
inline constexpr int kObjects = 448;                    ///< objects that live in the stack: r10-448 upwards
inline constexpr std::uint64_t kDefaultCount = 8;
inline constexpr unsigned kMaxDepth = 3;

inline Reg reg(int n) { return static_cast<Reg>(n); }
inline Imm imm(std::uint64_t value) { return {static_cast<std::int32_t>(value)}; }

inline bool takes_locks_or_modes(const Function& f) {
  return !f.acquires_locks.empty() || !f.releases_locks.empty() || !f.enters.empty() || !f.exits.empty();
}

inline bool owns_result(const Function& f) {
  const auto* object = std::get_if<ObjectRef>(&f.result);
  return object != nullptr && object->mode == ObjectRef::Mode::own;
}

inline const ObjectRef* object_parameter(const Function& f, std::size_t i) { return std::get_if<ObjectRef>(&f.parameters[i].type); }

inline CmpOp compare_of(Conditional::Compare compare, bool is_signed) {
  switch (compare) {
    case Conditional::Compare::eq:
      return CmpOp::eq;
    case Conditional::Compare::ne:
      return CmpOp::ne;
    case Conditional::Compare::lt:
      return is_signed ? CmpOp::slt : CmpOp::ult;
    case Conditional::Compare::le:
      return is_signed ? CmpOp::sle : CmpOp::ule;
    case Conditional::Compare::gt:
      return is_signed ? CmpOp::sgt : CmpOp::ugt;
    case Conditional::Compare::ge:
      return is_signed ? CmpOp::sge : CmpOp::uge;
  }
  return CmpOp::eq;
}

}  // namespace tenon::fuzz
