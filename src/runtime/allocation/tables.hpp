// SPDX-License-Identifier: Apache-2.0
// What the allocator knows of a heap, all of it host-private and out of the heap (soundness.md, rule 19): nothing an extension writes is ever read here.
// Plain arrays over pages, blocks and spans; their memory is taken as it is touched, at most about a sixteenth of what the extension allocates.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "runtime/allocation/size_classes.hpp"
#include "runtime/os/memory.hpp"

namespace tenon::runtime {

enum class SpanKind : std::uint8_t {
  none,
  free_run,
  blocks,       ///< cut into blocks of one class
  large,        ///< one allocation
  quarantined,  ///< freed while debugging; nobody may touch it
};

/// A run of pages; its record stands at the number of its first page.
struct Span {
  std::uint32_t pages = 0;
  std::uint32_t next = 0, previous = 0;  ///< in the list it is in; 0: none (page 0 is the hole)
  std::uint32_t first_slot = 0, blocks = 0, free_blocks = 0;
  SpanKind kind = SpanKind::none;
  std::uint8_t size_class = 0;
  bool closed = false;  ///< quarantined and without access
};

/// What free() needs to know of a page, in one word that it reads without a lock. Class 0: no block begins there.
struct PageInfo {
  std::uint32_t first_slot = 0;    ///< of its span
  std::uint8_t size_class = 0;
  std::uint16_t page_in_span = 0;

  static PageInfo of(std::uint64_t word) {
    return {static_cast<std::uint32_t>(word), static_cast<std::uint8_t>(word >> 32), static_cast<std::uint16_t>(word >> 40)};
  }
  std::uint64_t word() const { return std::uint64_t{page_in_span} << 40 | std::uint64_t{size_class} << 32 | first_slot; }
};
/// In the place of a class, for the first page of a large allocation.
inline constexpr std::uint8_t kLargeClass = 255;

/// A block: the granule where it begins, and its slot in the tables. One word, so that what free() stores is what malloc() loads.
struct Block {
  std::uint64_t word = 0;

  Block() = default;
  Block(std::uint32_t granule, std::uint32_t slot) : word(std::uint64_t{slot} << 32 | granule) {}
  std::uint32_t granule() const { return static_cast<std::uint32_t>(word); }
  std::uint32_t slot() const { return static_cast<std::uint32_t>(word >> 32); }
};

/// Slots are given to spans in ranges of 64 times a power of two.
inline constexpr std::uint32_t kSlotsPerUnit = 64;

struct Tables {
  os::Reservation memory;
  std::uint32_t pages = 0;  ///< pages that can ever be granted lie below
  std::uint64_t granules = 0;
  std::uint32_t slot_units = 0;
  /// By slot: 1 while the block is allocated. Its owner stores without a lock.
  std::atomic<std::uint8_t>* allocated = nullptr;
  std::uint64_t* free_bits = nullptr;               ///< by slot: the block is in the store
  std::uint32_t* units = nullptr;                   ///< by unit of slots: the first page of the span that has it; the next free unit in its list
  std::atomic<std::uint64_t>* page_info = nullptr;  ///< by page
  std::uint32_t* first_page = nullptr;              ///< by page: where its span begins; right for the first and the last page of each
  Span* spans = nullptr;                ///< by first page
  std::atomic<std::uint8_t>* closed = nullptr;  ///< by page: 1 while it is quarantined

  PageInfo info(std::uint32_t page) const { return PageInfo::of(page_info[page].load(std::memory_order_relaxed)); }
  void set_info(std::uint32_t page, PageInfo info) { page_info[page].store(info.word(), std::memory_order_relaxed); }

  /// For a heap that ends, with everything that can be granted, at `end` (an offset into the window). Empty on failure, errno set.
  static std::optional<Tables> create(std::uint64_t end);
};

}  // namespace tenon::runtime
