// SPDX-License-Identifier: Apache-2.0
// The blocks that no cache holds, by class, in spans of pages from PageRuns. Not thread-safe: the allocator's lock guards it.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "runtime/allocation/page_runs.hpp"
#include "runtime/allocation/tables.hpp"

namespace tenon::runtime {

class BlockStore {
 public:
  BlockStore(Tables& tables, PageRuns& runs) : tables_(tables), runs_(runs) {}

  /// Fills `blocks` as far as there are blocks or pages; how many.
  std::uint32_t take(std::uint8_t size_class, std::span<Block> blocks);
  /// Takes the block of that slot back. What is no block of that class, or is here already, changes nothing: an extension that frees one block on two threads at once can
  /// get it handed out twice, but cannot make the store wrong.
  void give(std::uint8_t size_class, std::uint32_t slot);
  /// Makes [first, +pages) blocks of that class, those with a bit in `allocated` handed out. False: no slots are left.
  bool add(std::uint32_t first, std::uint32_t pages, std::uint8_t size_class, std::span<const std::uint64_t> allocated);
  /// Gives back the pages of the spans that are empty, which give() keeps one of for each class.
  void release_empty();

 private:
  std::uint32_t add_span(std::uint8_t size_class);
  bool cut(std::uint32_t first, std::uint32_t pages, std::uint8_t size_class);
  std::uint32_t take_from(std::uint32_t first, std::span<Block> blocks);
  std::uint64_t* bits_of(const Span& span) { return tables_.free_bits + span.first_slot / 64; }
  /// The first unit of a range of 2^order; 0: none left.
  std::uint32_t take_slots(std::uint32_t order);
  void give_slots(std::uint32_t unit, std::uint32_t order);
  void link(std::uint32_t first);
  void unlink(std::uint32_t first);
  void release(std::uint32_t first);

  Tables& tables_;
  PageRuns& runs_;
  std::array<std::uint32_t, 8> free_slots_{};  // by order: a list of ranges
  std::uint32_t fresh_unit_ = 1;                 // from here on no slot has been used; 0 ends lists
  std::array<std::uint32_t, kSizeClasses + 1> with_free_{};  // by class: a list of the spans that have free blocks
};

}  // namespace tenon::runtime
