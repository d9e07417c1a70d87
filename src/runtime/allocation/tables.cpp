// SPDX-License-Identifier: Apache-2.0
#include "runtime/allocation/tables.hpp"

#include <cerrno>

namespace tenon::runtime {

std::optional<Tables> Tables::create(std::uint64_t end) {
  Tables made;
  made.pages = static_cast<std::uint32_t>(end / abi::kPageBytes);
  made.granules = std::uint64_t{made.pages} * kGranulesPerPage;
  const std::uint64_t states = abi::page_ceil(made.granules), bits = abi::page_ceil(made.granules / 8), first = abi::page_ceil(made.pages * 4ull),
                      spans = abi::page_ceil(made.pages * sizeof(Span)), closed = abi::page_ceil(made.pages);
  made.memory = os::reserve(states + bits + first + spans + closed);
  if (!made.memory) return std::nullopt;
  std::uint64_t at = made.memory.address();
  if (const int error = os::protect(at, made.memory.bytes(), os::Protection::read_write)) {
    errno = error;
    return std::nullopt;
  }
  // Fresh pages are zero, which is the initial value of each of these.
  made.states = reinterpret_cast<std::atomic<std::uint8_t>*>(at);
  made.free_bits = reinterpret_cast<std::uint64_t*>(at += states);
  made.first_page = reinterpret_cast<std::uint32_t*>(at += bits);
  made.spans = reinterpret_cast<Span*>(at += first);
  made.closed = reinterpret_cast<std::atomic<std::uint8_t>*>(at + spans);
  return made;
}

}  // namespace tenon::runtime
