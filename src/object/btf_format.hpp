// SPDX-License-Identifier: Apache-2.0
// How BTF lies in memory (Linux, "BPF Type Format"): the header, one type's record and how long what follows it is. Shared by the two readers: Btf,
// which validates everything at once, and BtfView, which decodes when asked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "object/btf.hpp"

namespace tenon::object {

struct RawType {
  std::uint32_t name, info, size_or_type;
};
constexpr unsigned raw_kind(std::uint32_t info) { return info >> 24 & 0x1f; }
constexpr std::uint32_t raw_entries(std::uint32_t info) { return info & 0xffff; }
constexpr bool raw_flag(std::uint32_t info) { return (info >> 31) != 0; }

/// Bytes of each entry that follows a type of this kind `raw_entries` times, and bytes that follow it once.
struct BtfTrailer {
  std::uint32_t each = 0, once = 0;
};
BtfTrailer trailer_of(BtfKind kind);

bool is_alias(BtfKind kind);  ///< a name, a qualifier or a tag of another type
bool has_size(BtfKind kind);  ///< size_or_type is a size

struct BtfParts {
  std::span<const std::byte> types, strings;  ///< strings begin and end with a NUL
};
/// Nothing, with the reason in `message`, when the header does not fit the bytes.
std::optional<BtfParts> split_btf(std::span<const std::byte> bytes, std::string& message);

}  // namespace tenon::object
