// SPDX-License-Identifier: Apache-2.0
// The allocator's built-ins, called directly by the host-call thunk: in state host, so they run to their end; where that could take long they look at the
// cancel word.
#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "runtime/builtins.hpp"
#include "runtime/heap_state.hpp"
#include "runtime/thread_slot.hpp"

namespace tenon::runtime {

namespace {

/// Between two chunks the invocation can be stopped: about 10 us of work.
constexpr std::uint64_t kChunkBytes = 64ull << 10;

std::uint64_t no_memory(Level& level) noexcept {
  if (level.heap->state().options.cancel_when_out_of_memory && !level.must_end()) level.request(Pending::cancel, Cause::memory_limit, 0);
  return 0;
}

std::uint64_t wrong_pointer(Level& level, std::uint64_t pointer) noexcept {
  if (level.heap->state().options.debug) level.request(Pending::cancel, Cause::bad_free, pointer);
  return 0;
}

/// Made when a level first needs it; null if that is not possible.
AllocationCache* cache_of(Level& level) noexcept {
  if (level.cache == nullptr) {
    Heap::State& heap = level.heap->state();
    level.cache = heap.home(level.slot->index, level.slot->depth - 1).cache = heap.allocator->make_cache();
  }
  return level.cache;
}

[[gnu::noinline]] std::uint64_t allocate_slowly(Level& level, std::uint64_t bytes, std::uint64_t alignment) noexcept {
  const std::uint64_t got = level.heap->state().allocator->allocate(cache_of(level), &level, bytes, alignment);
  return got != 0 ? got : no_memory(level);
}

[[gnu::noinline]] void free_slowly(Level& level, std::uint64_t pointer) noexcept {
  if (pointer != 0 && !level.heap->state().allocator->release(cache_of(level), pointer)) wrong_pointer(level, pointer);
}

inline std::uint64_t allocate(Level& level, std::uint64_t bytes) noexcept {
  if (level.cache != nullptr && bytes <= kMaxSmallBytes) [[likely]] {
    if (const std::uint64_t block = level.cache->pop(class_of(bytes)); block != 0) [[likely]] return block;
  }
  return allocate_slowly(level, bytes, 1);
}

inline void release(Level& level, std::uint64_t pointer) noexcept {
  if (level.cache != nullptr && level.cache->push(pointer)) [[likely]] return;
  free_slowly(level, pointer);
}

/// Calls step(offset, bytes) over [0, n) until the invocation must end; false when it must.
template <class Step>
bool in_chunks(const Level& level, std::uint64_t n, Step&& step) noexcept {
  for (std::uint64_t done = 0; done < n; done += kChunkBytes) {
    if (level.must_end()) return false;
    step(done, std::min(kChunkBytes, n - done));
  }
  return true;
}

char* bytes_at(std::uint64_t address) { return reinterpret_cast<char*>(address); }

std::uint64_t malloc_entry(std::uint64_t bytes, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t) noexcept {
  return allocate(*tenon_current_level, bytes);
}

std::uint64_t calloc_entry(std::uint64_t count, std::uint64_t element, std::uint64_t, std::uint64_t, std::uint64_t) noexcept {
  Level& level = *tenon_current_level;
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(count, element, &bytes)) return no_memory(level);
  const HeapPin pin(level.heap->state());
  const std::uint64_t block = allocate(level, bytes);
  if (block == 0 || in_chunks(level, bytes, [&](std::uint64_t at, std::uint64_t n) { std::memset(bytes_at(block) + at, 0, n); })) return block;
  release(level, block);
  return 0;
}

std::uint64_t realloc_entry(std::uint64_t pointer, std::uint64_t bytes, std::uint64_t, std::uint64_t, std::uint64_t) noexcept {
  Level& level = *tenon_current_level;
  if (pointer == 0) return allocate(level, bytes);
  if (bytes == 0) return release(level, pointer), 0;
  Heap::State& heap = level.heap->state();
  const HeapPin pin(heap);
  if (heap.allocator->resize(pointer, bytes)) return pointer;
  const std::uint64_t had = heap.allocator->usable_bytes(pointer);
  if (had == 0) return wrong_pointer(level, pointer);
  const std::uint64_t block = allocate(level, bytes);
  if (block == 0) return 0;
  const std::uint64_t from = heap.base + (pointer & (heap.shape.window_bytes - 1));
  const bool copied = in_chunks(level, std::min(had, bytes), [&](std::uint64_t at, std::uint64_t n) {
    std::memcpy(bytes_at(block) + at, bytes_at(from) + at, n);
  });
  release(level, copied ? pointer : block);
  return copied ? block : 0;
}

std::uint64_t aligned_alloc_entry(std::uint64_t alignment, std::uint64_t bytes, std::uint64_t, std::uint64_t, std::uint64_t) noexcept {
  return std::has_single_bit(alignment) ? allocate_slowly(*tenon_current_level, bytes, alignment) : 0;
}

std::uint64_t free_entry(std::uint64_t pointer, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t) noexcept {
  release(*tenon_current_level, pointer);
  return 0;
}

constexpr std::pair<std::string_view, HostEntry> kDirect[] = {
    {"tn_malloc", malloc_entry},   {"tn_calloc", calloc_entry}, {"tn_realloc", realloc_entry}, {"tn_aligned_alloc", aligned_alloc_entry},
    {"tn_free", free_entry},
};

}  // namespace

HostEntry find_direct_builtin(std::string_view name) {
  for (const auto& [known, function] : kDirect) {
    if (known == name) return function;
  }
  return nullptr;
}

}  // namespace tenon::runtime
