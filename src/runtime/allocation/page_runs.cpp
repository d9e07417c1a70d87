// SPDX-License-Identifier: Apache-2.0
#include "runtime/allocation/page_runs.hpp"

#include <bit>

namespace tenon::runtime {

std::size_t PageRuns::list_of(std::uint32_t pages) { return static_cast<std::size_t>(std::bit_width(pages)) - 1; }

void PageRuns::link(std::uint32_t first, std::uint32_t pages) {
  std::uint32_t& head = lists_[list_of(pages)];
  tables_.spans[first] = {.pages = pages, .next = head, .kind = SpanKind::free_run};
  if (head != 0) tables_.spans[head].previous = first;
  head = first;
  tables_.first_page[first] = tables_.first_page[first + pages - 1] = first;
  free_pages_.fetch_add(pages, std::memory_order_relaxed);
}

void PageRuns::unlink(std::uint32_t first) {
  Span& span = tables_.spans[first];
  (span.previous != 0 ? tables_.spans[span.previous].next : lists_[list_of(span.pages)]) = span.next;
  if (span.next != 0) tables_.spans[span.next].previous = span.previous;
  span.kind = SpanKind::none;
  free_pages_.fetch_sub(span.pages, std::memory_order_relaxed);
}

std::uint32_t PageRuns::ending_at(std::uint32_t end) const {
  const std::uint32_t before = tables_.first_page[end - 1];
  const Span& span = tables_.spans[before];
  return span.kind == SpanKind::free_run && before + span.pages == end ? span.pages : 0;
}

void PageRuns::give(std::uint32_t first, std::uint32_t pages) {
  if (const std::uint32_t before = ending_at(first); before != 0) {
    unlink(first - before);
    first -= before;
    pages += before;
  }
  const std::uint32_t after = first + pages;
  if (after < tables_.pages && tables_.spans[after].kind == SpanKind::free_run) {
    pages += tables_.spans[after].pages;
    unlink(after);
  }
  link(first, pages);
}

std::uint32_t PageRuns::cut(std::uint32_t first, std::uint32_t pages) {
  const std::uint32_t whole = tables_.spans[first].pages;
  unlink(first);
  if (whole > pages) link(first + pages, whole - pages);
  return first;
}

std::uint32_t PageRuns::take(std::uint32_t pages) {
  std::size_t list = list_of(pages);
  std::uint32_t looks = kMaxLooks;
  for (std::uint32_t at = lists_[list]; at != 0 && looks > 0; at = tables_.spans[at].next, --looks) {
    if (tables_.spans[at].pages >= pages) return cut(at, pages);
  }
  while (++list < lists_.size()) {
    if (lists_[list] != 0) return cut(lists_[list], pages);
  }
  return 0;
}

bool PageRuns::take_at(std::uint32_t first, std::uint32_t pages) {
  if (first >= tables_.pages || tables_.spans[first].kind != SpanKind::free_run || tables_.spans[first].pages < pages) return false;
  cut(first, pages);
  return true;
}

}  // namespace tenon::runtime
