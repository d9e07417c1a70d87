// SPDX-License-Identifier: Apache-2.0
#include "object/btf_view.hpp"

#include <fmt/format.h>

#include "object/btf_format.hpp"
#include "object/bytes.hpp"

namespace tenon::object {
namespace {

constexpr unsigned kMaxAliases = 64;  // longer chains are circles, or nobody's types

std::uint32_t word(std::span<const std::byte> bytes, std::uint64_t at) { return load<std::uint32_t>(bytes, at).value_or(0); }

bool is_enumeration(BtfKind kind) { return kind == BtfKind::enumeration || kind == BtfKind::enumeration64; }
bool is_composite(BtfKind kind) { return kind == BtfKind::structure || kind == BtfKind::union_type; }

}  // namespace

Result<BtfView> BtfView::read(std::span<const std::byte> bytes) {
  const auto damaged = [](const std::string& why) { return refuse("E0118", "the BTF type information is damaged: " + why); };
  std::string message;
  const auto parts = split_btf(bytes, message);
  if (!parts) return damaged(message);
  BtfView view;
  view.types_ = parts->types;
  view.strings_ = parts->strings;
  view.offsets_.reserve(parts->types.size() / 24);
  view.offsets_.push_back(0);
  for (std::uint64_t at = 0; at < parts->types.size();) {
    const TypeId id = view.size();
    const auto raw = load<RawType>(parts->types, at);
    if (!raw) return damaged("it ends inside a type");
    const unsigned kind = raw_kind(raw->info);
    if (kind == 0 || kind > static_cast<unsigned>(BtfKind::enumeration64)) return damaged(fmt::format("type {} has unknown kind {}", id, kind));
    const BtfTrailer trailer = trailer_of(static_cast<BtfKind>(kind));
    const std::uint64_t next = at + sizeof(RawType) + std::uint64_t{trailer.each} * raw_entries(raw->info) + trailer.once;
    if (next > parts->types.size()) return damaged(fmt::format("it ends inside type {}", id));
    if (id >= kMaxTypes) return damaged("too many types");
    view.offsets_.push_back(static_cast<std::uint32_t>(at));
    at = next;
  }
  return view;
}

BtfView::Record BtfView::record(TypeId id) const {
  if (id == 0 || id >= offsets_.size()) return {};
  const std::uint64_t at = offsets_[id];
  return {word(types_, at), word(types_, at + 4), word(types_, at + 8), types_.subspan(at + sizeof(RawType))};
}

std::string_view BtfView::string(std::uint32_t offset) const { return string_at(strings_, offset).value_or(std::string_view()); }

BtfKind BtfView::kind(TypeId id) const { return static_cast<BtfKind>(raw_kind(record(id).info)); }
std::string_view BtfView::name(TypeId id) const { return string(record(id).name); }
bool BtfView::flag(TypeId id) const { return raw_flag(record(id).info); }

std::uint32_t BtfView::entries(TypeId id) const {
  const Record r = record(id);
  return trailer_of(static_cast<BtfKind>(raw_kind(r.info))).each == 0 ? 0 : raw_entries(r.info);
}

TypeId BtfView::target(TypeId id) const {
  const Record r = record(id);
  const auto kind = static_cast<BtfKind>(raw_kind(r.info));
  if (kind == BtfKind::array) return word(r.trailer, 0);
  return has_size(kind) || kind == BtfKind::forward ? 0 : r.size_or_type;
}

BtfView::Member BtfView::member(TypeId id, std::uint32_t i) const {
  const Record r = record(id);
  const auto kind = static_cast<BtfKind>(raw_kind(r.info));
  if (i >= raw_entries(r.info)) return {};
  if (kind == BtfKind::prototype) return {string(word(r.trailer, 8ull * i)), word(r.trailer, 8ull * i + 4)};
  if (!is_composite(kind)) return {};
  Member member{string(word(r.trailer, 12ull * i)), word(r.trailer, 12ull * i + 4), word(r.trailer, 12ull * i + 8)};
  if (raw_flag(r.info)) {
    member.bits = member.bit_offset >> 24;
    member.bit_offset &= 0xffffff;
  }
  return member;
}

BtfView::Enumerator BtfView::enumerator(TypeId id, std::uint32_t i) const {
  const Record r = record(id);
  const auto kind = static_cast<BtfKind>(raw_kind(r.info));
  if (!is_enumeration(kind) || i >= raw_entries(r.info)) return {};
  const std::uint64_t each = trailer_of(kind).each;
  const std::uint64_t low = word(r.trailer, each * i + 4);
  const bool is_wide = kind == BtfKind::enumeration64;
  const std::uint64_t value = is_wide ? std::uint64_t{word(r.trailer, each * i + 8)} << 32 | low : low;
  const bool extend = !is_wide && raw_flag(r.info);
  return {string(word(r.trailer, each * i)), extend ? static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(low)}) : value};
}

BtfView::Array BtfView::array(TypeId id) const {
  const Record r = record(id);
  if (static_cast<BtfKind>(raw_kind(r.info)) != BtfKind::array) return {};
  return {word(r.trailer, 0), word(r.trailer, 8)};
}

BtfView::Integer BtfView::integer(TypeId id) const {
  const Record r = record(id);
  if (static_cast<BtfKind>(raw_kind(r.info)) != BtfKind::integer) return {};
  const std::uint32_t encoding = word(r.trailer, 0);
  return {encoding & 0xff, encoding >> 16 & 0xff, (encoding >> 24 & 1) != 0};
}

TypeId BtfView::unqualified(TypeId id) const {
  for (unsigned i = 0; i < kMaxAliases; ++i) {
    if (!is_alias(kind(id))) return id < size() ? id : 0;
    id = target(id);
  }
  return 0;
}

std::optional<std::uint64_t> BtfView::value_bytes(TypeId id) const {
  std::uint64_t count = 1;
  for (unsigned i = 0; i < kMaxAliases; ++i) {
    id = unqualified(id);
    const BtfKind k = kind(id);
    if (k != BtfKind::array) {
      const std::uint64_t bytes = k == BtfKind::pointer ? 8 : has_size(k) && k != BtfKind::data_section ? record(id).size_or_type : UINT64_MAX;
      const bool fits = bytes != UINT64_MAX && (bytes == 0 || count <= UINT32_MAX / bytes);
      return fits ? std::optional(bytes * count) : std::nullopt;
    }
    const Array a = array(id);
    if (a.count != 0 && count > UINT32_MAX / a.count) return std::nullopt;
    count *= a.count;
    id = a.element;
  }
  return std::nullopt;
}

}  // namespace tenon::object
