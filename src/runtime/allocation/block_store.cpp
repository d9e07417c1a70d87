// SPDX-License-Identifier: Apache-2.0
#include "runtime/allocation/block_store.hpp"

#include <bit>
#include <utility>

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

namespace {
/// A span of a small class has at most 1024 blocks: kSpanPages.
std::uint32_t order_of(std::uint32_t blocks) { return static_cast<std::uint32_t>(std::bit_width((blocks - 1) / kSlotsPerUnit)); }
}  // namespace

std::uint32_t BlockStore::take_slots(std::uint32_t order) {
  std::uint32_t from = order;
  while (from < free_slots_.size() && free_slots_[from] == 0) ++from;
  if (from == free_slots_.size()) {
    if (tables_.slot_units - fresh_unit_ < 1u << order) return 0;
    return std::exchange(fresh_unit_, fresh_unit_ + (1u << order));
  }
  const std::uint32_t unit = std::exchange(free_slots_[from], tables_.units[free_slots_[from]]);
  while (from > order) {  // the upper halves go back
    --from;
    give_slots(unit + (1u << from), from);
  }
  return unit;
}

void BlockStore::give_slots(std::uint32_t unit, std::uint32_t order) { tables_.units[unit] = std::exchange(free_slots_[order], unit); }

/// As many pages as the class likes, or as few as hold one block.
std::uint32_t BlockStore::add_span(std::uint8_t size_class) {
  std::uint32_t pages = kSpanPages[size_class];
  std::uint32_t first = runs_.take(pages);
  if (first == 0) {
    pages = static_cast<std::uint32_t>(abi::page_ceil(kClassBytes[size_class]) / abi::kPageBytes);
    first = runs_.take(pages);
  }
  if (first == 0) return 0;
  if (cut(first, pages, size_class)) return first;
  runs_.give(first, pages);
  return 0;
}

/// Pages become a span whose blocks are all free. False: no slots are left.
bool BlockStore::cut(std::uint32_t first, std::uint32_t pages, std::uint8_t size_class) {
  const auto blocks = static_cast<std::uint32_t>(pages * abi::kPageBytes / kClassBytes[size_class]);
  const std::uint32_t order = order_of(blocks), unit = take_slots(order), first_slot = unit * kSlotsPerUnit;
  if (unit == 0) return false;
  for (std::uint32_t i = 0; i < 1u << order; ++i) tables_.units[unit + i] = first;
  Span& span = tables_.spans[first];
  span = {.pages = pages, .first_slot = first_slot, .blocks = blocks, .free_blocks = blocks, .kind = SpanKind::blocks, .size_class = size_class};
  tables_.first_page[first] = tables_.first_page[first + pages - 1] = first;
  for (std::uint32_t i = 0; i < pages; ++i) tables_.set_info(first + i, {first_slot, size_class, static_cast<std::uint16_t>(i)});
  std::uint64_t* const bits = bits_of(span);
  for (std::uint32_t done = 0; done < blocks; done += 64) bits[done / 64] = blocks - done >= 64 ? ~0ull : (1ull << (blocks - done)) - 1;
  link(first);
  return true;
}

bool BlockStore::add(std::uint32_t first, std::uint32_t pages, std::uint8_t size_class, std::span<const std::uint64_t> allocated) {
  if (!cut(first, pages, size_class)) return false;
  Span& span = tables_.spans[first];
  std::uint64_t* const bits = bits_of(span);
  for (std::uint32_t i = 0; i < span.blocks; ++i) {
    if ((allocated[i / 64] >> i % 64 & 1) == 0) continue;
    bits[i / 64] &= ~(1ull << i % 64);
    tables_.allocated[span.first_slot + i].store(1, std::memory_order_relaxed);
    --span.free_blocks;
  }
  if (span.free_blocks == 0) unlink(first);
  return true;
}

std::uint32_t BlockStore::take_from(std::uint32_t first, std::span<Block> blocks) {
  Span& span = tables_.spans[first];
  const std::uint32_t begin = first * kGranulesPerPage, stride = kClassGranules[span.size_class];
  std::uint64_t* const bits = bits_of(span);
  std::uint32_t taken = 0;
  for (std::uint32_t word = 0; word * 64 < span.blocks && taken < blocks.size(); ++word) {
    while (bits[word] != 0 && taken < blocks.size()) {
      const std::uint32_t number = word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits[word]));
      bits[word] &= bits[word] - 1;
      blocks[taken++] = {begin + number * stride, span.first_slot + number};
    }
  }
  span.free_blocks -= taken;
  if (span.free_blocks == 0) unlink(first);
  return taken;
}

std::uint32_t BlockStore::take(std::uint8_t size_class, std::span<Block> blocks) {
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

void BlockStore::give(std::uint8_t size_class, std::uint32_t slot) {
  const std::uint32_t first = tables_.units[slot / kSlotsPerUnit];
  if (first >= tables_.pages) return;  // the next in a list of free slots
  Span& span = tables_.spans[first];
  const std::uint32_t number = slot - span.first_slot;
  if (span.kind != SpanKind::blocks || span.size_class != size_class || number >= span.blocks) return;
  std::uint64_t& word = bits_of(span)[number / 64];
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
  Span& span = tables_.spans[first];
  span.kind = SpanKind::none;
  for (std::uint32_t page = first; page < first + span.pages; ++page) tables_.set_info(page, {});
  give_slots(span.first_slot / kSlotsPerUnit, order_of(span.blocks));
  runs_.give(first, span.pages);
}

void BlockStore::release_empty() {
  for (std::uint32_t first : with_free_) {  // at most one per class, and it was empty last: the first of its list, or found by the next give()
    if (first != 0 && tables_.spans[first].free_blocks == tables_.spans[first].blocks) release(first);
  }
}

}  // namespace tenon::runtime
