// SPDX-License-Identifier: Apache-2.0
// For LoadOptions::debug_heap: freed pages that nobody may touch until memory is short, so that a use after free is a fault with a line number. At once for
// whoever asks Heap::granted(); for compiled code as soon as no host code is using memory of the heap (HeapPin), which would fault on the host's side.
// Not thread-safe: the allocator's lock guards it.
#pragma once

#include <cstdint>

#include "runtime/allocation/tables.hpp"

namespace tenon::runtime {

class Quarantine {
 public:
  Quarantine(Tables& tables, std::uint64_t base) : tables_(tables), base_(base) {}

  void put(std::uint32_t first, std::uint32_t pages);
  /// The pages that have been here longest, usable again: the first of them, or 0. `*pages`: how many.
  std::uint32_t take_oldest(std::uint32_t* pages);
  bool full() const { return count_ >= kMaxRuns; }

  void pin() { ++pins_; }
  void unpin();

  /// Each run with another protection is a mapping of its own, and a process has 65530 (vm.max_map_count).
  static constexpr std::uint32_t kMaxRuns = 4096;

 private:
  void close_open_ones();

  Tables& tables_;
  std::uint64_t base_;
  std::uint32_t oldest_ = 0, newest_ = 0, first_open_ = 0;  // linked by Span::next, oldest first
  std::uint32_t count_ = 0;
  std::uint64_t pins_ = 0;
};

}  // namespace tenon::runtime
