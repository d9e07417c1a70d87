// SPDX-License-Identifier: Apache-2.0
// The pages that nobody uses, as runs that are as long as they can be. Not thread-safe: the allocator's lock guards it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "runtime/allocation/tables.hpp"

namespace tenon::runtime {

class PageRuns {
 public:
  explicit PageRuns(Tables& tables) : tables_(tables) {}

  /// Adds [first, +pages), joined to the runs beside it.
  void give(std::uint32_t first, std::uint32_t pages);
  /// Takes out `pages` in a row: the first of them, or 0 when there is no such run. Bounded: of the runs that may be too short it looks at kMaxLooks.
  std::uint32_t take(std::uint32_t pages);
  /// Takes exactly [first, +pages), if it is the front of a run.
  bool take_at(std::uint32_t first, std::uint32_t pages);
  /// How long the run is that ends where page `end` begins; 0: none does.
  std::uint32_t ending_at(std::uint32_t end) const;
  std::uint64_t free_pages() const { return free_pages_.load(std::memory_order_relaxed); }  ///< needs no lock

  static constexpr std::uint32_t kMaxLooks = 4096;

 private:
  static std::size_t list_of(std::uint32_t pages);
  void link(std::uint32_t first, std::uint32_t pages);
  void unlink(std::uint32_t first);
  std::uint32_t cut(std::uint32_t first, std::uint32_t pages);

  Tables& tables_;
  std::array<std::uint32_t, 32> lists_{};  // by the logarithm of the length
  std::atomic<std::uint64_t> free_pages_{0};
};

}  // namespace tenon::runtime
