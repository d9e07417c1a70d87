// SPDX-License-Identifier: Apache-2.0
#include "runtime/allocation/block_store.hpp"

#include <bit>

namespace tenon::runtime {

void BlockStore::link(std::uint32_t first) {
  std::uint32_t& head = with_free_[tables_.spans[first].size_class];
  tables_.spans[first].previous = 0;
  tables_.spans[first].next = head;
  if (head != 0) tables_.spans[head].previous = first;
  head = first;
}

void BlockStore::unlink(std::uint32_t first) {
  const Span& span = tables_.spans[first];
  (span.previous != 0 ? tables_.spans[span.previous].next : with_free_[span.size_class]) = span.next;
  if (span.next != 0) tables_.spans[span.next].previous = span.previous;
}

/// As many pages as the class likes, or as few as hold one block.
std::uint32_t BlockStore::add_span(std::uint8_t size_class) {
  std::uint32_t pages = kSpanPages[size_class];
  std::uint32_t first = runs_.take(pages);
  if (first == 0) {
    pages = static_cast<std::uint32_t>(abi::page_ceil(kClassBytes[size_class]) / abi::kPageBytes);
    first = runs_.take(pages);
  }
  if (first == 0) return 0;
  const auto blocks = static_cast<std::uint32_t>(pages * abi::kPageBytes / kClassBytes[size_class]);
  tables_.spans[first] = {.pages = pages, .blocks = blocks, .free_blocks = blocks, .kind = SpanKind::blocks, .size_class = size_class};
  for (std::uint32_t page = first; page < first + pages; ++page) tables_.first_page[page] = first;
  std::uint64_t* const bits = bits_of(first);
  for (std::uint32_t done = 0; done < blocks; done += 64) bits[done / 64] = blocks - done >= 64 ? ~0ull : (1ull << (blocks - done)) - 1;
  link(first);
  return first;
}

std::uint32_t BlockStore::take_from(std::uint32_t first, std::span<std::uint32_t> blocks) {
  Span& span = tables_.spans[first];
  const std::uint32_t stride = kClassBytes[span.size_class] / kGranuleBytes;
  std::uint64_t* const bits = bits_of(first);
  std::uint32_t taken = 0;
  for (std::uint32_t word = 0; word * 64 < span.blocks && taken < blocks.size(); ++word) {
    while (bits[word] != 0 && taken < blocks.size()) {
      const std::uint32_t number = word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits[word]));
      bits[word] &= bits[word] - 1;
      blocks[taken++] = first * kGranulesPerPage + number * stride;
    }
  }
  span.free_blocks -= taken;
  if (span.free_blocks == 0) unlink(first);
  return taken;
}

std::uint32_t BlockStore::take(std::uint8_t size_class, std::span<std::uint32_t> blocks) {
  std::uint32_t taken = 0;
  while (taken < blocks.size()) {
    std::uint32_t first = with_free_[size_class];
    if (first == 0) {
      if (taken != 0) break;  // a batch that is smaller than wished for does not need new pages
      first = add_span(size_class);
    }
    if (first == 0) break;
    taken += take_from(first, blocks.subspan(taken));
  }
  return taken;
}

void BlockStore::give(std::uint8_t size_class, std::uint32_t block) {
  const std::uint32_t page = block / kGranulesPerPage, first = tables_.first_page[page];
  Span& span = tables_.spans[first];
  if (span.kind != SpanKind::blocks || span.size_class != size_class || page - first >= span.pages) return;
  const std::uint32_t distance = block - first * kGranulesPerPage, stride = kClassBytes[size_class] / kGranuleBytes;
  const std::uint32_t number = distance / stride;
  if (number * stride != distance || number >= span.blocks) return;
  std::uint64_t& word = bits_of(first)[number / 64];
  const std::uint64_t bit = 1ull << number % 64;
  if ((word & bit) != 0) return;
  word |= bit;
  if (span.free_blocks++ == 0) link(first);
  const bool is_only_one = with_free_[size_class] == first && span.next == 0;
  if (span.free_blocks != span.blocks || is_only_one) return;  // one empty span per class stays, so that a pair at the border does not cut and join
  release(first);
}

void BlockStore::release(std::uint32_t first) {
  unlink(first);
  tables_.spans[first].kind = SpanKind::none;
  runs_.give(first, tables_.spans[first].pages);
}

void BlockStore::release_empty() {
  for (std::uint32_t first : with_free_) {  // at most one per class, and it was empty last: the first of its list, or found by the next give()
    if (first != 0 && tables_.spans[first].free_blocks == tables_.spans[first].blocks) release(first);
  }
}

}  // namespace tenon::runtime
