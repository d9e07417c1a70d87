// SPDX-License-Identifier: Apache-2.0
#include "runtime/allocation/quarantine.hpp"

namespace tenon::runtime {

void Quarantine::put(std::uint32_t first, std::uint32_t pages) {
  tables_.spans[first] = {.pages = pages, .kind = SpanKind::quarantined};
  for (std::uint32_t page = first; page < first + pages; ++page) tables_.closed[page].store(1, std::memory_order_release);
  (newest_ != 0 ? tables_.spans[newest_].next : oldest_) = first;
  newest_ = first;
  if (first_open_ == 0) first_open_ = first;
  ++count_;
  close_open_ones();
}

void Quarantine::unpin() {
  --pins_;
  close_open_ones();
}

void Quarantine::close_open_ones() {
  while (pins_ == 0 && first_open_ != 0) {
    Span& span = tables_.spans[first_open_];
    span.closed = os::protect(base_ + first_open_ * abi::kPageBytes, span.pages * abi::kPageBytes, os::Protection::none) == 0;
    first_open_ = span.next;  // where the system refused, it stays accessible to compiled code
  }
}

std::uint32_t Quarantine::take_oldest(std::uint32_t* pages) {
  const std::uint32_t first = oldest_;
  if (first == 0) return 0;
  Span& span = tables_.spans[first];
  if (span.closed && os::protect(base_ + first * abi::kPageBytes, span.pages * abi::kPageBytes, os::Protection::read_write) != 0) return 0;
  for (std::uint32_t page = first; page < first + span.pages; ++page) tables_.closed[page].store(0, std::memory_order_release);
  oldest_ = span.next;
  if (oldest_ == 0) newest_ = 0;
  if (first_open_ == first) first_open_ = span.next;
  --count_;
  *pages = span.pages;
  span = {};
  return first;
}

}  // namespace tenon::runtime
