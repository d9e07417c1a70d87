// SPDX-License-Identifier: Apache-2.0
// malloc and kin for one heap: per-level caches in front (cache.hpp), a store of blocks and page runs behind a lock, and the heap's own grow() behind that.
// A host thread grants pages ahead (refill.hpp); nothing waits for it. Thread-safe. Signal-safe: no.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <tenon/options.hpp>

#include "runtime/allocation/block_store.hpp"
#include "runtime/allocation/cache.hpp"
#include "runtime/allocation/page_runs.hpp"
#include "runtime/allocation/quarantine.hpp"
#include "runtime/allocation/tables.hpp"
#include "runtime/heap_image.hpp"
#include "runtime/runtime.hpp"

namespace tenon::runtime {

struct Level;

class Allocator {
 public:
  Allocator(Heap::State& heap, Tables tables, bool debug);
  ~Allocator();
  Allocator(const Allocator&) = delete;
  Allocator& operator=(const Allocator&) = delete;

  /// Address of `bytes` bytes, aligned to `alignment` (a power of two) and to 16, or 0. `cache` may be null; `level`, unless null, can be stopped meanwhile;
  /// then 0.
  std::uint64_t allocate(AllocationCache* cache, const Level* level, std::uint64_t bytes, std::uint64_t alignment = 1) noexcept;
  /// False when no allocated block begins at `pointer`: then nothing happens.
  bool release(AllocationCache* cache, std::uint64_t pointer) noexcept;
  /// Bytes of the allocated block that begins at `pointer`; 0: none does.
  std::uint64_t usable_bytes(std::uint64_t pointer) noexcept;
  /// Makes the block fit `bytes` where it stands; false: it cannot, or there is none.
  bool resize(std::uint64_t pointer, std::uint64_t bytes) noexcept;

  /// A cache for one level; null when there is no memory for it, or while debugging. Freed with the allocator.
  AllocationCache* make_cache() noexcept;
  bool debug() const { return debug_; }
  bool closed(std::uint64_t offset, std::uint64_t bytes) const noexcept;

  /// See Quarantine. Does nothing unless debugging.
  void pin() noexcept;
  void unpin() noexcept;

  /// What is where in how much memory, and the reverse. Requires: nobody else uses it meanwhile; load(): nothing was allocated yet, and HeapImage::problem() found nothing.
  /// False: there is no room for the records. Cost: O(pages + blocks).
  std::vector<SavedSpan> save(std::uint64_t* granted_bytes);
  bool load(const std::vector<SavedSpan>& spans);

  /// Grants pages ahead, as many as the last requests suggest. For the refilling thread.
  void top_up() noexcept;
  bool wants_refill() noexcept { return wants_refill_.exchange(false, std::memory_order_relaxed); }
  Allocator* next_registered = nullptr;  ///< guarded by the lock of refill.cpp
  std::atomic<bool> registered{false};

 private:
  std::uint64_t allocate_small(AllocationCache* cache, const Level* level, std::uint8_t size_class) noexcept;
  std::uint64_t allocate_large(AllocationCache* cache, const Level* level, std::uint64_t bytes, std::uint64_t alignment) noexcept;
  std::uint64_t take_small(AllocationCache* cache, std::uint8_t size_class) noexcept;
  std::uint64_t take_large(std::uint32_t pages, std::uint32_t alignment) noexcept;
  bool make_room(AllocationCache* cache, const Level* level, std::uint32_t pages, std::uint32_t at_least) noexcept;
  bool grow(const Level* level, std::uint64_t pages, std::uint64_t wished) noexcept;
  bool reclaim(AllocationCache* cache) noexcept;
  void flush(AllocationCache& cache, std::uint8_t size_class, std::uint32_t count) noexcept;
  void set_large(std::uint32_t first, std::uint32_t pages) noexcept;
  void release_pages(std::uint32_t first, std::uint32_t pages) noexcept;
  struct Found {
    std::uint8_t size_class = 0;  ///< 0: no allocated block begins there
    std::uint32_t slot = 0;       ///< of a small block
    std::uint32_t first = 0;      ///< page of a large one
  };
  Found find(std::uint64_t pointer) const noexcept;
  std::uint64_t left_pages() const noexcept;
  std::uint64_t step_pages() const noexcept;
  void ask_for_refill() noexcept;

  Heap::State& heap_;
  const bool debug_;
  std::mutex growing_;                    // taken before lock_
  std::atomic<std::uint64_t> grown_{0};  // how often; after the pages were there to be taken
  std::mutex lock_;                       // guards what follows, except for what is atomic
  Tables tables_;
  PageRuns runs_;
  BlockStore store_;
  Quarantine quarantine_;
  std::atomic<bool> wants_refill_{false};
  struct CacheWithBlocks;
  CacheWithBlocks* caches_ = nullptr;
};

}  // namespace tenon::runtime
