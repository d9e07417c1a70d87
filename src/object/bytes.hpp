// SPDX-License-Identifier: Apache-2.0
// Bounded little-endian reads from hostile bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tenon::object {

/// True when [offset, +bytes) lies inside something of `size` bytes; no sum can wrap.
constexpr bool inside(std::uint64_t offset, std::uint64_t bytes, std::uint64_t size) { return offset <= size && bytes <= size - offset; }

template <class T>
std::optional<T> load(std::span<const std::byte> from, std::uint64_t offset) {
  if (!inside(offset, sizeof(T), from.size())) return std::nullopt;
  T value;
  std::memcpy(&value, from.data() + offset, sizeof value);
  return value;
}

/// The NUL-terminated string at `offset`; nothing when it does not end inside `table`.
inline std::optional<std::string_view> string_at(std::span<const std::byte> table, std::uint64_t offset) {
  if (offset >= table.size()) return std::nullopt;
  const char* begin = reinterpret_cast<const char*>(table.data()) + offset;
  const void* end = std::memchr(begin, 0, table.size() - offset);
  if (end == nullptr) return std::nullopt;
  return std::string_view(begin, static_cast<std::size_t>(static_cast<const char*>(end) - begin));
}

/// Bytes at the start of `text` that are one printable UTF-8 character; 0 when there is none.
constexpr std::size_t printable_bytes(std::string_view text) {
  if (text.empty()) return 0;
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  const std::size_t length = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  if (length == 0 || text.size() < length) return 0;
  std::uint32_t code = first & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return 0;
    code = code << 6 | (next & 0x3f);
  }
  const bool is_canonical = code >= (length == 2 ? 0xa0u : length == 3 ? 0x800u : 0x10000u) && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return is_canonical ? length : 0;
}

constexpr bool is_printable(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = printable_bytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

/// `text` with a space for each tab and '?' for everything else that a terminal or a JSON string cannot show.
inline std::string made_printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t bytes = printable_bytes(text);
    if (bytes == 0) {
      out += text[0] == '\t' ? ' ' : '?';
    } else {
      out += text.substr(0, bytes);
    }
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return out;
}

}  // namespace tenon::object
