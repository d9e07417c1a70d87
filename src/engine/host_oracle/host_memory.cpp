// SPDX-License-Identifier: Apache-2.0
#include "engine/host_oracle/host_memory.hpp"

#include <algorithm>
#include <cstring>

namespace tenon::engine {

namespace {

std::uint64_t load(std::uint64_t address, std::uint64_t bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, reinterpret_cast<const void*>(address), bytes);
  return value;
}

bool permits(interface::Access access, bool write) { return write ? interface::may_write(access) : interface::may_read(access); }

bool is_narrower_than_its_type(const interface::Scalar& type) {
  if (type.is_signed) {
    const std::int64_t lowest = type.bits == 64 ? INT64_MIN : -(1ll << (type.bits - 1));
    return type.lo != lowest || static_cast<std::int64_t>(type.hi) != -(lowest + 1);
  }
  return type.lo != 0 || type.hi != (type.bits == 64 ? UINT64_MAX : (1ull << type.bits) - 1);
}

}  // namespace

bool in_range(const interface::Scalar& type, std::uint64_t value) {
  const unsigned drop = 64u - type.bits;
  if (type.is_signed) {
    const std::int64_t number = static_cast<std::int64_t>(value << drop) >> drop;
    return number >= type.lo && number <= static_cast<std::int64_t>(type.hi);
  }
  const std::uint64_t number = value << drop >> drop;
  return number >= static_cast<std::uint64_t>(type.lo) && number <= type.hi;
}

void HostMemory::clear() {
  pieces_.clear();
  structs_.clear();
}

void HostMemory::add(HostPiece piece) {
  if (piece.bytes != 0) pieces_.push_back(std::move(piece));
}

void HostMemory::add_struct(interface::StructIdx type, std::uint64_t address, const Loan& loan, const interface::Escapes& escapes) {
  const auto known = [&](const HostStruct& s) { return s.address == address && s.type == type && lifetimes_.valid(s.loan) && loan.empty(); };
  if (std::any_of(structs_.begin(), structs_.end(), known)) return;
  structs_.push_back({address, type, loan, escapes});
  const interface::Struct& declared = declarations_.at(type);
  for (const interface::Field& field : declared.fields) {
    const std::uint64_t bytes = field.type.bits / 8u;
    if (field.pointer) {
      add({address + field.offset, 8, interface::Access::read, loan, {}, true, {}, escapes});
      add_pointee(*field.pointer, load(address + field.offset, 8), loan);
      continue;
    }
    for (std::uint32_t i = 0; i < field.count; ++i) {
      const auto values = is_narrower_than_its_type(field.type) ? std::optional(field.type) : std::nullopt;
      add({address + field.offset + i * bytes, bytes, field.access, loan, values, false, {}, escapes});
    }
  }
  for (const interface::MemRange& range : declared.ranges) {
    for (const interface::MemRange::Mark& mark : range.marks) {
      add({address + mark.offset, range.pointer_bytes, interface::Access::read, loan, {}, false, {}, escapes});
    }
  }
  add_ranges(declared, address, loan, escapes);
}

void HostMemory::add_ranges(const interface::Struct& type, std::uint64_t address, const Loan& loan, const interface::Escapes& escapes) {
  for (const interface::MemRange& range : type.ranges) {
    if (range.pointer_bytes != 8) continue;  // no address of this process: only a kernel has such contexts
    const std::uint64_t begin = load(address + range.marks.front().offset, 8), end = load(address + range.marks.back().offset, 8);
    if (end > begin) add({begin, end - begin, range.access, loan, {}, false, address, escapes});
  }
}

void HostMemory::moved(interface::StructIdx type, std::uint64_t address) {
  const auto found = std::find_if(structs_.begin(), structs_.end(), [&](const HostStruct& s) { return s.address == address && s.type == type; });
  if (found == structs_.end()) return;
  for (HostPiece& piece : pieces_) {
    if (piece.range_of == address) piece.loan = {Anchor{Anchor::Kind::callback, UINT32_MAX, 0}};  // never valid again, but still known
  }
  add_ranges(declarations_.at(type), address, found->loan, found->escapes);
}

void HostMemory::add_pointee(const interface::Type& type, std::uint64_t address, const Loan& loan) {
  if (address == 0) return;
  if (const auto* structure = std::get_if<interface::StructRef>(&type)) {
    add_struct(structure->type, address, loan);
  } else if (const auto* mem = std::get_if<interface::Mem>(&type)) {
    add({address, mem->count.value_or(1) * mem->element_bytes, mem->access, loan, {}, false, {}, {}});
  } else if (const auto* object = std::get_if<interface::ObjectRef>(&type)) {
    const auto known = lifetimes_.find(address, object->type);
    const ObjectId id = known ? *known : lifetimes_.add(address, object->type);
    lifetimes_.object(id).loans.push_back(loan);
    if (const auto view = declarations_.at(object->type).view; view && !known) add_struct(*view, address, {Anchor{Anchor::Kind::object, id, 0}});
  }
}

bool HostMemory::allows(std::uint64_t address, std::uint64_t bytes, bool write) const {
  const std::uint64_t end = address + bytes;
  if (end < address) return false;
  std::uint64_t covered = address;  // adjacent fields may be read as one
  while (covered < end) {
    const auto holds = [&](const HostPiece& p) {
      if (covered < p.address || covered - p.address >= p.bytes || !permits(p.access, write)) return false;
      const bool whole = address <= p.address && end >= p.address + p.bytes;
      return (whole || !p.whole_only) && lifetimes_.valid(p.loan);
    };
    const auto piece = std::find_if(pieces_.rbegin(), pieces_.rend(), holds);
    if (piece == pieces_.rend()) return false;
    covered = piece->address + piece->bytes;
  }
  return true;
}

const HostPiece* HostMemory::spoilt_by(std::uint64_t address, std::uint64_t bytes, std::uint64_t value) const {
  for (const HostPiece& piece : pieces_) {
    if (!piece.values || !lifetimes_.valid(piece.loan)) continue;
    const std::uint64_t from = std::max(address, piece.address), to = std::min(address + bytes, piece.address + piece.bytes);
    if (from >= to) continue;
    std::uint64_t left = load(piece.address, piece.bytes);
    std::memcpy(reinterpret_cast<std::byte*>(&left) + (from - piece.address), reinterpret_cast<const std::byte*>(&value) + (from - address), to - from);
    if (!in_range(*piece.values, left)) return &piece;
  }
  return nullptr;
}

bool HostMemory::is_struct(interface::StructIdx type, std::uint64_t address) const {
  return std::any_of(structs_.begin(), structs_.end(),
                     [&](const HostStruct& s) { return s.address == address && s.type == type && lifetimes_.valid(s.loan); });
}

const HostPiece* HostMemory::pointed_to_by(std::uint64_t value) const {
  const auto found = std::find_if(pieces_.begin(), pieces_.end(), [&](const HostPiece& p) { return value >= p.address && value - p.address < p.bytes; });
  return found == pieces_.end() ? nullptr : &*found;
}

}  // namespace tenon::engine
