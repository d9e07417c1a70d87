// SPDX-License-Identifier: Apache-2.0
// CO-RE: what an instruction's constant becomes for a kernel's types. The rules are those that libbpf documents: types are matched by essential name
// and kind, fields by name, and all candidates must agree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "object/btf_view.hpp"
#include "object/kernel.hpp"

namespace tenon::object {

enum class CoreKind : std::uint8_t {
  field_byte_offset,
  field_byte_size,
  field_exists,
  field_signed,
  field_lshift,
  field_rshift,
  type_id_local,
  type_id_target,
  type_exists,
  type_size,
  enum_value_exists,
  enum_value,
  type_matches,
};
inline constexpr unsigned kCoreKinds = 13;

/// One record of .BTF.ext.
struct CoreRecord {
  std::uint32_t slot = 0;   ///< of its section
  TypeId type = 0;          ///< in the object
  std::string_view access;  ///< "0:1:2": array index, then members and elements by number
  CoreKind kind = CoreKind::field_byte_offset;
};

struct CoreValue {
  bool is_resolved = false;   ///< the kernel has it; otherwise the instruction must not be reached
  std::uint64_t value = 0;    ///< for the kernel
  std::uint64_t written = 0;  ///< what the compiler wrote, by the object's own types
  bool is_checked = true;     ///< false: the compiler may have written something else (bit fields)
  /// Of the field, where an access of it may change its width along; equal where it must not.
  std::uint32_t written_bytes = 0, bytes = 0;
  bool width_may_change = true;
};

/// "the byte offset of task_struct::tgid", for diagnostics.
std::string to_text(const BtfView& local, const CoreRecord& record);

/// True for all but type ids of the object itself.
bool needs_target(CoreKind kind);

/// The error is a sentence's end: "names a type that does not exist". Requires: `target` unless !needs_target(). Bounded work for any input.
std::expected<CoreValue, std::string> resolve(const BtfView& local, const TargetTypes* target, const CoreRecord& record);

/// Edits the instruction at the start of `code` (two slots long for 64-bit immediates). False, with the code as it was, when the instruction must not
/// be reached; an error when it is none that has such a constant. Requires: at least one slot.
std::expected<bool, std::string> patch(std::span<std::byte> code, const CoreValue& value);

}  // namespace tenon::object
