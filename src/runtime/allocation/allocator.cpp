// SPDX-License-Identifier: Apache-2.0
#include "runtime/allocation/allocator.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include "runtime/allocation/refill.hpp"
#include "runtime/heap_state.hpp"
#include "runtime/os/memory.hpp"
#include "runtime/thread_slot.hpp"

namespace tenon::runtime {

namespace {

/// The heap grows by an eighth of what it has, within these.
constexpr std::uint64_t kMinStepPages = 16, kMaxStepPages = 256;
/// What a bin holds at most: a 256th of the heap's limit, within these, so that threads do not keep a small heap from each other.
constexpr std::uint64_t kMaxBinBytes = 64u << 10, kMaxBinBlocks = 256;

}  // namespace

struct Allocator::CacheWithBlocks {
  AllocationCache cache;
  CacheWithBlocks* next = nullptr;
};

Allocator::Allocator(Heap::State& heap, Tables tables, bool debug)
    : heap_(heap), debug_(debug), tables_(std::move(tables)), runs_(tables_), store_(tables_, runs_), quarantine_(tables_, heap.base) {}

Allocator::~Allocator() {
  forget_refill(*this);
  while (caches_ != nullptr) std::free(std::exchange(caches_, caches_->next));
}

AllocationCache* Allocator::make_cache() noexcept {
  if (debug_) return nullptr;
  const std::uint64_t bin_bytes = std::min(heap_.limit / 256, kMaxBinBytes);
  const auto capacity = [&](std::uint32_t size_class) { return static_cast<std::uint32_t>(std::min(bin_bytes / kClassBytes[size_class], kMaxBinBlocks)); };
  std::uint64_t blocks = 0;
  for (std::uint32_t i = 1; i <= kSizeClasses; ++i) blocks += capacity(i);
  void* const memory = std::malloc(sizeof(CacheWithBlocks) + blocks * sizeof(Block));
  if (memory == nullptr) return nullptr;
  auto* const made = new (memory) CacheWithBlocks;
  made->cache.allocated = tables_.allocated;
  made->cache.page_info = tables_.page_info;
  made->cache.granules = tables_.granules;
  made->cache.base = heap_.base;
  made->cache.window_mask = heap_.shape.window_bytes - 1;
  auto* at = reinterpret_cast<Block*>(made + 1);
  for (std::uint32_t i = 1; i <= kSizeClasses; ++i) {
    made->cache.bins[i] = {0, capacity(i), at};
    at += capacity(i);
  }
  const std::lock_guard lock(lock_);
  made->next = std::exchange(caches_, made);
  return &made->cache;
}

/// As AllocationCache::push(), which does not call this for speed.
Allocator::Found Allocator::find(std::uint64_t pointer) const noexcept {
  const std::uint64_t offset = pointer & (heap_.shape.window_bytes - 1), granule = offset / kGranuleBytes;
  if (offset % kGranuleBytes != 0 || granule >= tables_.granules) return {};
  const auto page = static_cast<std::uint32_t>(granule / kGranulesPerPage);
  const PageInfo info = tables_.info(page);
  if (info.size_class == kLargeClass && granule % kGranulesPerPage == 0) return {kLargeClass, 0, page};
  if (info.size_class == 0 || info.size_class == kLargeClass) return {};
  const std::uint32_t distance = info.page_in_span * kGranulesPerPage + granule % kGranulesPerPage;
  const auto number = static_cast<std::uint32_t>(distance * kClassInverse[info.size_class] >> 32);
  if (number * kClassGranules[info.size_class] != distance) return {};
  if (tables_.allocated[info.first_slot + number].load(std::memory_order_relaxed) == 0) return {};
  return {info.size_class, info.first_slot + number, 0};
}

std::uint64_t Allocator::left_pages() const noexcept { return (heap_.limit - heap_.granted.load(std::memory_order_relaxed)) / abi::kPageBytes; }

std::uint64_t Allocator::allocate(AllocationCache* cache, const Level* level, std::uint64_t bytes, std::uint64_t alignment) noexcept {
  if (bytes > heap_.limit || alignment > heap_.limit) return 0;
  if (debug_ || bytes > kMaxSmallBytes || alignment > abi::kPageBytes) return allocate_large(cache, level, bytes, alignment);
  std::uint8_t size_class = class_of(bytes);
  while (size_class <= kSizeClasses && kClassBytes[size_class] % alignment != 0) ++size_class;  // spans begin at pages
  return size_class <= kSizeClasses ? allocate_small(cache, level, size_class) : allocate_large(cache, level, bytes, alignment);
}

std::uint64_t Allocator::allocate_small(AllocationCache* cache, const Level* level, std::uint8_t size_class) noexcept {
  if (const std::uint64_t at_hand = cache != nullptr ? cache->pop(size_class) : 0; at_hand != 0) return at_hand;
  const auto one_block = static_cast<std::uint32_t>(abi::page_ceil(kClassBytes[size_class]) / abi::kPageBytes);
  for (;;) {
    const std::uint64_t before = grown_.load(std::memory_order_acquire);
    if (const std::uint64_t got = take_small(cache, size_class); got != 0) return got;
    if (!make_room(cache, level, kSpanPages[size_class], one_block) && grown_.load(std::memory_order_acquire) == before) return 0;
  }
}

/// With a cache: half of what its bin holds, in ascending order of addresses.
std::uint64_t Allocator::take_small(AllocationCache* cache, std::uint8_t size_class) noexcept {
  Block one;
  std::uint32_t taken = 0;
  AllocationCache::Bin* const bin = cache != nullptr && cache->bins[size_class].capacity != 0 ? &cache->bins[size_class] : nullptr;
  {
    const std::lock_guard lock(lock_);
    taken = bin != nullptr ? store_.take(size_class, {bin->blocks, std::max(bin->capacity / 2, 1u)}) : store_.take(size_class, {&one, 1});
  }
  if (taken == 0) return 0;
  ask_for_refill();
  if (bin != nullptr) {
    std::reverse(bin->blocks, bin->blocks + taken);
    bin->count = taken;
    return cache->pop(size_class);
  }
  tables_.allocated[one.slot()].store(1, std::memory_order_relaxed);
  return heap_.base + std::uint64_t{one.granule()} * kGranuleBytes;
}

std::uint64_t Allocator::allocate_large(AllocationCache* cache, const Level* level, std::uint64_t bytes, std::uint64_t alignment) noexcept {
  const auto pages = static_cast<std::uint32_t>(std::max<std::uint64_t>(abi::page_ceil(bytes) / abi::kPageBytes, 1));
  const auto aligned = static_cast<std::uint32_t>(std::max<std::uint64_t>(alignment / abi::kPageBytes, 1));
  const std::uint64_t with_slack = std::uint64_t{pages} + aligned - 1;
  if (with_slack >= tables_.pages) return 0;
  for (;;) {
    const std::uint64_t before = grown_.load(std::memory_order_acquire);
    if (const std::uint64_t got = take_large(pages, aligned); got != 0) {
      ask_for_refill();
      return got;
    }
    const auto wanted = static_cast<std::uint32_t>(with_slack);
    if (!make_room(cache, level, wanted, wanted) && grown_.load(std::memory_order_acquire) == before) return 0;
  }
}

/// `alignment` in pages: the window is aligned to its own size, so numbers of pages are aligned as their addresses are.
std::uint64_t Allocator::take_large(std::uint32_t pages, std::uint32_t alignment) noexcept {
  const std::lock_guard lock(lock_);
  const std::uint32_t run = runs_.take(pages + alignment - 1);
  if (run == 0) return 0;
  const std::uint32_t first = (run + alignment - 1) / alignment * alignment, behind = run + alignment - 1 - first;
  if (first != run) runs_.give(run, first - run);
  if (behind != 0) runs_.give(first + pages, behind);
  set_large(first, pages);
  return heap_.base + first * abi::kPageBytes;
}

void Allocator::set_large(std::uint32_t first, std::uint32_t pages) noexcept {
  tables_.spans[first] = {.pages = pages, .kind = SpanKind::large};
  tables_.first_page[first] = tables_.first_page[first + pages - 1] = first;
  tables_.set_info(first, {0, kLargeClass, 0});
}

/// More free pages, if possible `pages` in a row. False: there is nothing left to try.
bool Allocator::make_room(AllocationCache* cache, const Level* level, std::uint32_t pages, std::uint32_t at_least) noexcept {
  if (level != nullptr && level->must_end()) return false;
  const std::uint64_t step = step_pages();
  return grow(level, pages, step) || (at_least < pages && grow(level, at_least, 0)) || reclaim(cache);
}

std::uint64_t Allocator::step_pages() const noexcept {
  const std::uint64_t granted = heap_.granted.load(std::memory_order_relaxed) / abi::kPageBytes;
  return std::min(std::clamp(granted / 8, kMinStepPages, kMaxStepPages), left_pages() / 4);
}

/// By `wished` pages if they are more. Pages that are free at the end of what was granted count towards `pages`. When it fails, nobody is about to add pages:
/// what another thread grew meanwhile shows in `grown_`.
bool Allocator::grow(const Level* level, std::uint64_t pages, std::uint64_t wished) noexcept {
  std::unique_lock growing(growing_);
  std::uint64_t tail = 0;
  {
    const std::lock_guard lock(lock_);
    tail = runs_.ending_at(static_cast<std::uint32_t>((abi::kGlobalsOffset + heap_.granted.load(std::memory_order_acquire)) / abi::kPageBytes));
  }
  const std::uint64_t missing = pages - std::min(tail, pages - 1);
  for (const std::uint64_t more : {std::max(missing, wished), missing}) {
    const std::uint64_t address = heap_.grow(more * abi::kPageBytes, level);
    if (address == 0) continue;
    {
      const std::lock_guard lock(lock_);
      runs_.give(static_cast<std::uint32_t>((address - heap_.base) / abi::kPageBytes), static_cast<std::uint32_t>(more));
    }
    grown_.fetch_add(1, std::memory_order_release);
    growing.unlock();
    if (level == nullptr && wished != 0) os::populate(address, more * abi::kPageBytes);  // pages in use keep what is in them
    return true;
  }
  return false;
}

/// What can be had without growing. Each success makes the next one less likely, so that asking again comes to an end.
bool Allocator::reclaim(AllocationCache* cache) noexcept {
  std::uint32_t flushed = 0;
  for (std::uint8_t i = 1; cache != nullptr && i <= kSizeClasses; ++i) {
    flushed += cache->bins[i].count;
    flush(*cache, i, cache->bins[i].count);
  }
  const std::lock_guard lock(lock_);
  const std::uint64_t before = runs_.free_pages();
  store_.release_empty();
  std::uint32_t pages = 0;
  if (const std::uint32_t first = quarantine_.take_oldest(&pages); first != 0) runs_.give(first, pages);
  return flushed != 0 || runs_.free_pages() != before;
}

/// The blocks that have been in the bin longest.
void Allocator::flush(AllocationCache& cache, std::uint8_t size_class, std::uint32_t count) noexcept {
  AllocationCache::Bin& bin = cache.bins[size_class];
  count = std::min(count, bin.count);
  if (count == 0) return;
  {
    const std::lock_guard lock(lock_);
    for (std::uint32_t i = 0; i < count; ++i) store_.give(size_class, bin.blocks[i].slot());
  }
  std::copy(bin.blocks + count, bin.blocks + bin.count, bin.blocks);
  bin.count -= count;
}

bool Allocator::release(AllocationCache* cache, std::uint64_t pointer) noexcept {
  if (cache != nullptr && cache->push(pointer)) return true;
  const Found found = find(pointer);
  if (found.size_class == 0) return false;
  if (found.size_class != kLargeClass && cache != nullptr && cache->bins[found.size_class].capacity != 0) {
    flush(*cache, found.size_class, std::max(cache->bins[found.size_class].capacity / 2, 1u));
    return cache->push(pointer);
  }
  const std::lock_guard lock(lock_);
  if (const Found now = find(pointer); now.size_class != found.size_class || now.slot != found.slot) return false;  // another thread was faster
  if (found.size_class != kLargeClass) {
    tables_.allocated[found.slot].store(0, std::memory_order_relaxed);
    store_.give(found.size_class, found.slot);
    return true;
  }
  tables_.set_info(found.first, {});
  release_pages(found.first, tables_.spans[found.first].pages);
  return true;
}

void Allocator::release_pages(std::uint32_t first, std::uint32_t pages) noexcept {
  if (!debug_) {
    tables_.spans[first].kind = SpanKind::none;
    runs_.give(first, pages);
    return;
  }
  quarantine_.put(first, pages);
  std::uint32_t oldest_pages = 0;
  if (const std::uint32_t oldest = quarantine_.full() ? quarantine_.take_oldest(&oldest_pages) : 0; oldest != 0) runs_.give(oldest, oldest_pages);
}

std::uint64_t Allocator::usable_bytes(std::uint64_t pointer) noexcept {
  if (const Found found = find(pointer); found.size_class != kLargeClass) return kClassBytes[found.size_class];
  const std::lock_guard lock(lock_);
  const Found found = find(pointer);
  return found.size_class == kLargeClass ? tables_.spans[found.first].pages * abi::kPageBytes : 0;
}

bool Allocator::resize(std::uint64_t pointer, std::uint64_t bytes) noexcept {
  const std::uint8_t size_class = find(pointer).size_class;
  if (size_class == 0 || bytes > heap_.limit) return false;
  const bool wants_small = bytes <= kMaxSmallBytes && !debug_;
  if (size_class != kLargeClass || wants_small) return wants_small && size_class == class_of(bytes);
  const auto pages = static_cast<std::uint32_t>(std::max<std::uint64_t>(abi::page_ceil(bytes) / abi::kPageBytes, 1));
  const std::lock_guard lock(lock_);
  const Found found = find(pointer);
  if (found.size_class != kLargeClass) return false;
  const std::uint32_t first = found.first, had = tables_.spans[first].pages;
  if (pages > had && !runs_.take_at(first + had, pages - had)) return false;
  set_large(first, pages);
  if (pages < had) release_pages(first + pages, had - pages);
  return true;
}

bool Allocator::closed(std::uint64_t offset, std::uint64_t bytes) const noexcept {
  const std::uint64_t end = std::min<std::uint64_t>(abi::page_ceil(offset + bytes) / abi::kPageBytes, tables_.pages);
  for (std::uint64_t page = offset / abi::kPageBytes; page < end; ++page) {
    if (tables_.closed[page].load(std::memory_order_acquire) != 0) return true;
  }
  return false;
}

void Allocator::pin() noexcept {
  if (!debug_) return;
  const std::lock_guard lock(lock_);
  quarantine_.pin();
}

void Allocator::unpin() noexcept {
  if (!debug_) return;
  const std::lock_guard lock(lock_);
  quarantine_.unpin();
}

void Allocator::ask_for_refill() noexcept {
  if (debug_ || runs_.free_pages() >= step_pages() / 2 || wants_refill_.exchange(true, std::memory_order_relaxed)) return;
  if (!request_refill(*this)) wants_refill_.store(false, std::memory_order_relaxed);
}

void Allocator::top_up() noexcept {
  if (const std::uint64_t step = step_pages(); step != 0) grow(nullptr, 1, step);
}

}  // namespace tenon::runtime
