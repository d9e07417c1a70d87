// SPDX-License-Identifier: Apache-2.0
#include "object/btf_format.hpp"

#include "object/bytes.hpp"

namespace tenon::object {
namespace {

constexpr std::uint16_t kMagic = 0xeb9f;
constexpr std::uint8_t kVersion = 1;
constexpr std::uint32_t kHeaderBytes = 24;

struct Header {
  std::uint16_t magic;
  std::uint8_t version, flags;
  std::uint32_t header_bytes, type_offset, type_bytes, string_offset, string_bytes;
};
static_assert(sizeof(Header) == kHeaderBytes);

}  // namespace

BtfTrailer trailer_of(BtfKind kind) {
  switch (kind) {
    case BtfKind::integer:
    case BtfKind::variable:
    case BtfKind::decl_tag:
      return {0, 4};
    case BtfKind::array:
      return {0, 12};
    case BtfKind::structure:
    case BtfKind::union_type:
    case BtfKind::data_section:
    case BtfKind::enumeration64:
      return {12, 0};
    case BtfKind::enumeration:
    case BtfKind::prototype:
      return {8, 0};
    case BtfKind::void_type:
    case BtfKind::pointer:
    case BtfKind::forward:
    case BtfKind::type_name:
    case BtfKind::volatile_type:
    case BtfKind::const_type:
    case BtfKind::restrict_type:
    case BtfKind::function:
    case BtfKind::floating:
    case BtfKind::type_tag:
      return {};
  }
  return {};
}

bool is_alias(BtfKind kind) {
  return kind == BtfKind::type_name || kind == BtfKind::volatile_type || kind == BtfKind::const_type || kind == BtfKind::restrict_type ||
         kind == BtfKind::type_tag;
}

bool has_size(BtfKind kind) {
  return kind == BtfKind::integer || kind == BtfKind::structure || kind == BtfKind::union_type || kind == BtfKind::enumeration ||
         kind == BtfKind::data_section || kind == BtfKind::floating || kind == BtfKind::enumeration64;
}

std::optional<BtfParts> split_btf(std::span<const std::byte> bytes, std::string& message) {
  const auto fail = [&](const char* why) {
    message = why;
    return std::nullopt;
  };
  const auto header = load<Header>(bytes, 0);
  if (!header) return fail("it ends inside its header");
  if (header->magic != kMagic || header->version != kVersion || header->flags != 0) return fail("unknown magic, version or flags");
  if (header->header_bytes < kHeaderBytes || header->header_bytes > bytes.size()) return fail("absurd header size");
  const auto body = bytes.subspan(header->header_bytes);
  if (!inside(header->type_offset, header->type_bytes, body.size()) || !inside(header->string_offset, header->string_bytes, body.size()) ||
      header->type_offset % 4 != 0) {
    return fail("its parts lie outside it");
  }
  BtfParts parts{body.subspan(header->type_offset, header->type_bytes), body.subspan(header->string_offset, header->string_bytes)};
  if (parts.strings.empty() || parts.strings.front() != std::byte{0} || parts.strings.back() != std::byte{0}) {
    return fail("its strings are not enclosed by NULs");
  }
  return parts;
}

}  // namespace tenon::object
