// SPDX-License-Identifier: Apache-2.0
// What the allocator knows of a heap, all of it host-private and out of the heap (soundness.md, rule 19): nothing an extension writes is ever read here.
// Plain arrays over the heap's granules and pages; their memory is taken as it is touched, about a sixteenth of what the extension allocates.
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
  std::uint32_t blocks = 0, free_blocks = 0;
  SpanKind kind = SpanKind::none;
  std::uint8_t size_class = 0;
  bool closed = false;  ///< quarantined and without access
};

/// Largest state is below; what is no class.
inline constexpr std::uint8_t kLargeState = 255;

struct Tables {
  os::Reservation memory;
  std::uint32_t pages = 0;  ///< pages that can ever be granted lie below
  std::uint64_t granules = 0;
  /// By granule: the class of the allocated block that begins there, kLargeState, or 0. The owner of a block stores without a lock.
  std::atomic<std::uint8_t>* states = nullptr;
  /// From granule page * kGranulesPerPage on, one bit per block of the span that begins at that page: in the store.
  std::uint64_t* free_bits = nullptr;
  std::uint32_t* first_page = nullptr;  ///< by page: where its span begins; right for every page of a span, and for both ends of a free run
  Span* spans = nullptr;                ///< by first page
  std::atomic<std::uint8_t>* closed = nullptr;  ///< by page: 1 while it is quarantined

  /// For a heap that ends, with everything that can be granted, at `end` (an offset into the window). Empty on failure, errno set.
  static std::optional<Tables> create(std::uint64_t end);
};

}  // namespace tenon::runtime
