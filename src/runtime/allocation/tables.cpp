// SPDX-License-Identifier: Apache-2.0
#include "runtime/allocation/tables.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>

namespace tenon::runtime {

std::optional<Tables> Tables::create(std::uint64_t end) {
  Tables made;
  made.pages = static_cast<std::uint32_t>(end / abi::kPageBytes);
  made.granules = std::uint64_t{made.pages} * kGranulesPerPage;
  // Blocks are a granule at least; ranges that were rounded up to powers of two and are not joined again take less than as much once more.
  made.slot_units = static_cast<std::uint32_t>(std::min<std::uint64_t>(2 * made.granules / kSlotsPerUnit, (1ull << 32) / kSlotsPerUnit));
  const std::uint64_t slots = std::uint64_t{made.slot_units} * kSlotsPerUnit;
  const std::uint64_t bytes[] = {slots, slots / 8, made.slot_units * sizeof(std::uint32_t), made.pages * sizeof(std::uint64_t),
                                 made.pages * sizeof(std::uint32_t), made.pages * sizeof(Span), made.pages};
  std::uint64_t total = 0;
  for (const std::uint64_t n : bytes) total += abi::page_ceil(n);
  made.memory = os::reserve(total);
  if (!made.memory) return std::nullopt;
  std::uint64_t at = made.memory.address();
  if (const int error = os::protect(at, total, os::Protection::read_write)) {
    errno = error;
    return std::nullopt;
  }
  // Fresh pages are zero, which is the initial value of each of these.
  std::size_t next = 0;
  const auto part = [&]<class T>(T*& table) {
    table = reinterpret_cast<T*>(at);
    at += abi::page_ceil(bytes[next++]);
  };
  part(made.allocated);
  part(made.free_bits);
  part(made.units);
  part(made.page_info);
  part(made.first_page);
  part(made.spans);
  part(made.closed);
  return made;
}

}  // namespace tenon::runtime
