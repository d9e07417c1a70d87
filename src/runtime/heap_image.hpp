// SPDX-License-Identifier: Apache-2.0
// What a heap is beside its pages, so that it can be written down and made again.
#pragma once

#include <cstdint>
#include <vector>

namespace tenon::runtime {

/// Pages that the allocator knows, or knew: numbers of pages are offsets into the window.
struct SavedSpan {
  static constexpr std::uint8_t kFree = 0, kLarge = 255;  ///< what lies between: a class of small blocks
  std::uint32_t first = 0, pages = 0;
  std::uint8_t kind = kFree;
  std::vector<std::uint64_t> allocated;  ///< a bit for each block of a class

  bool operator==(const SavedSpan&) const = default;
};

struct PageRange {
  std::uint32_t first = 0, pages = 0;
  bool operator==(const PageRange&) const = default;
};

struct HeapImage {
  std::uint64_t base = 0;  ///< address of the window: pointers in the heap are addresses
  std::uint64_t window_bytes = 0;
  std::uint64_t granted_bytes = 0;
  std::uint32_t parking_generation = 0;  ///< handles of parked objects that may lie in the heap are of this one or earlier
  std::vector<SavedSpan> spans;          ///< ascending, apart from each other

  /// What was granted and is not free. Requires: check() found nothing.
  std::vector<PageRange> kept_pages() const;
  /// Why no heap can look like this; null: one can. Cost: O(spans).
  const char* problem() const;
};

}  // namespace tenon::runtime
