// SPDX-License-Identifier: Apache-2.0
#include "engine/host_regions.hpp"

#include <algorithm>
#include <cstring>

namespace tenon::engine {

namespace {

std::uint64_t load_pointer(std::uint64_t address) {
  std::uint64_t value = 0;
  std::memcpy(&value, reinterpret_cast<const void*>(address), sizeof(value));
  return value;
}

bool permits(interface::Access access, bool write) { return write ? interface::may_write(access) : interface::may_read(access); }

}  // namespace

void HostRegions::enter(const interface::Hook& hook, const std::array<std::uint64_t, 5>& arguments) {
  for (std::size_t i = 0; i < hook.parameters.size(); ++i) add_value(hook.parameters[i].type, arguments[i], arguments);
}

void HostRegions::returned(const interface::Function& function, const std::array<std::uint64_t, 5>& arguments, std::uint64_t r0) {
  add_value(function.result, r0, arguments);
}

void HostRegions::add(std::uint64_t address, std::uint64_t bytes, interface::Access access) {
  const auto same = [&](const Region& r) { return r.address == address && r.access == access; };
  const auto known = std::find_if(regions_.begin(), regions_.end(), same);
  if (known == regions_.end()) {
    regions_.push_back({address, bytes, access});
  } else {
    known->bytes = std::max(known->bytes, bytes);
  }
}

void HostRegions::add_value(const interface::Type& type, std::uint64_t value, const std::array<std::uint64_t, 5>& arguments) {
  if (value == 0) return;
  if (const auto* reference = std::get_if<interface::StructRef>(&type)) {
    add_struct(declarations_.at(reference->type), value);
  } else if (const auto* mem = std::get_if<interface::Mem>(&type)) {
    const std::uint64_t count = mem->count_parameter ? arguments[*mem->count_parameter] : mem->count.value_or(1);
    add(value, count * mem->element_bytes, mem->access);
  }
}

void HostRegions::add_struct(const interface::Struct& type, std::uint64_t address) {
  for (const interface::Field& field : type.fields) add(address + field.offset, field.type.bits / 8u, field.access);
  for (const interface::MemRange& range : type.ranges) {
    add(address + range.marks.front().offset, 8, interface::Access::read);
    add(address + range.marks.back().offset, 8, interface::Access::read);
    const std::uint64_t begin = load_pointer(address + range.marks.front().offset);
    const std::uint64_t end = load_pointer(address + range.marks.back().offset);
    if (end > begin) add(begin, end - begin, range.access);
  }
}

bool HostRegions::allows(std::uint64_t address, std::uint64_t bytes, bool write) const {
  const std::uint64_t end = address + bytes;
  if (end < address) return false;
  std::uint64_t covered = address;  // adjacent fields may be read as one
  while (covered < end) {
    const auto holds = [&](const Region& r) { return covered >= r.address && covered - r.address < r.bytes && permits(r.access, write); };
    const auto region = std::find_if(regions_.begin(), regions_.end(), holds);
    if (region == regions_.end()) return false;
    covered = region->address + region->bytes;
  }
  return true;
}

}  // namespace tenon::engine
