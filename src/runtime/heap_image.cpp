// SPDX-License-Identifier: Apache-2.0
// Heaps that are made again from what somebody wrote down. All of it is hostile: the tables of the allocator are built anew, span by span, from a
// list that is checked first; what a well-formed list can say is what the extension could have brought about itself, by what it allocates and frees.
#include "runtime/heap_image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/bug.hpp"
#include "runtime/heap_state.hpp"

namespace tenon::runtime {

namespace {

constexpr std::uint32_t kFirstPage = abi::kGlobalsOffset / abi::kPageBytes;
/// Below are small integers, and what a process has at its start; above is nothing of ours.
constexpr std::uint64_t kLowestBase = 16ull << 32, kEndOfUserSpace = 1ull << 47;

std::uint64_t blocks_of(const SavedSpan& span) { return span.pages * abi::kPageBytes / kClassBytes[span.kind]; }

bool is_sound(const SavedSpan& span) {
  if (span.kind == SavedSpan::kFree || span.kind == SavedSpan::kLarge) return span.allocated.empty();
  if (span.kind > kSizeClasses) return false;
  const bool is_usual_size = span.pages == kSpanPages[span.kind] || span.pages == abi::page_ceil(kClassBytes[span.kind]) / abi::kPageBytes;
  if (!is_usual_size || span.allocated.size() != (blocks_of(span) + 63) / 64) return false;
  const std::uint64_t in_last = blocks_of(span) % 64;
  return in_last == 0 || span.allocated.back() >> in_last == 0;
}

}  // namespace

const char* HeapImage::problem() const {
  if (window_bytes < abi::kWindow32Bytes || window_bytes > abi::kMaxHeapBytes || abi::shape_for(window_bytes).window_bytes != window_bytes) {
    return "no heap has such a window";
  }
  if (base % window_bytes != 0 || base < kLowestBase || base > kEndOfUserSpace - 2 * window_bytes) return "no heap lies there";
  if (granted_bytes % abi::kPageBytes != 0 || granted_bytes > window_bytes - abi::kGlobalsOffset - kStackRegionBytes)
    return "no heap is granted so much";
  std::uint64_t free_from = kFirstPage;
  for (const SavedSpan& span : spans) {
    if (span.first < free_from || span.pages == 0) return "its spans overlap";
    free_from = std::uint64_t{span.first} + span.pages;
    if (free_from > kFirstPage + granted_bytes / abi::kPageBytes) return "a span lies outside of what was granted";
    if (!is_sound(span)) return "a span is none that an allocator makes";
  }
  return nullptr;
}

std::vector<PageRange> HeapImage::kept_pages() const {
  std::vector<PageRange> kept;
  std::uint32_t from = kFirstPage;
  const auto add_up_to = [&](std::uint32_t end) {
    if (end > from) kept.push_back({from, end - from});
  };
  for (const SavedSpan& span : spans) {
    if (span.kind != SavedSpan::kFree) continue;
    add_up_to(span.first);
    from = span.first + span.pages;
  }
  add_up_to(kFirstPage + static_cast<std::uint32_t>(granted_bytes / abi::kPageBytes));
  return kept;
}

HeapImage Heap::image() const {
  HeapImage image{state_->base, state_->shape.window_bytes, 0, state_->parking.newest_generation(), {}};
  image.spans = state_->allocator->save(&image.granted_bytes);
  return image;
}

Result<std::shared_ptr<Heap>> Heap::restore(const HeapImage& image, std::uint64_t heap_bytes, std::uint64_t limit_bytes, const HeapOptions& options,
                                            const std::function<Result<void>(std::span<std::byte>)>& fill) {
  constexpr std::uint64_t kPieceBytes = 1ull << 20;
  if (const char* const problem = image.problem()) return refuse("E0617", fmt::format("the snapshot is damaged: {}", problem), "use an older one");
  if (heap_bytes <= abi::kMaxHeapBytes && abi::shape_for(heap_bytes).window_bytes != image.window_bytes) {
    return refuse("E0619",
                  fmt::format("the snapshot is of a heap with a window of {} bytes, this one's has {}", image.window_bytes,
                              abi::shape_for(heap_bytes).window_bytes),
                  "load it with the heap_bytes of the extension that was saved");
  }
  TENON_TRY(state, reserve(heap_bytes, limit_bytes, options, image.base));
  if (image.granted_bytes > state->limit) {
    return refuse("E0619", fmt::format("the snapshot has {} bytes of granted memory, the limit is {}", image.granted_bytes, state->limit),
                  "raise heap_limit_bytes");
  }
  const std::shared_ptr<Heap> heap(new Heap(std::move(state)));
  if (const int error = image.granted_bytes == 0 ? 0 : heap->state_->grant_more(image.granted_bytes, nullptr)) {
    return refuse("E0602", fmt::format("committing the heap's memory: {}", std::strerror(error)), "free memory, then try again");
  }
  for (const PageRange& range : image.kept_pages()) {
    const std::span<std::byte> pages(reinterpret_cast<std::byte*>(image.base + range.first * abi::kPageBytes), range.pages * abi::kPageBytes);
    for (std::uint64_t done = 0; done < pages.size(); done += kPieceBytes) {
      if (auto filled = fill(pages.subspan(done, std::min(kPieceBytes, pages.size() - done))); !filled)
        return std::unexpected(std::move(filled).error());
    }
  }
  heap->state_->parking.begin_after(image.parking_generation);
  if (!heap->state_->allocator->load(image.spans))
    return refuse("E0617", "the snapshot is damaged: its blocks are more than a heap of this size can have", "use an older one");
  return heap;
}

// The allocator's side. Its records are rebuilt as its own functions would have made them.

std::vector<SavedSpan> Allocator::save(std::uint64_t* granted_bytes) {
  std::vector<SavedSpan> saved;
  const std::scoped_lock lock(growing_, lock_);  // the refilling thread may be at work
  *granted_bytes = heap_.granted.load(std::memory_order_acquire);
  const auto end = static_cast<std::uint32_t>((abi::kGlobalsOffset + *granted_bytes) / abi::kPageBytes);
  for (std::uint32_t page = kFirstPage; page < end;) {
    const Span& span = tables_.spans[page];
    if (span.kind == SpanKind::none) {  // globals, and what tn_grow() handed out
      ++page;
      continue;
    }
    SavedSpan& made = saved.emplace_back(SavedSpan{page, span.pages, SavedSpan::kFree, {}});
    if (span.kind == SpanKind::large) made.kind = SavedSpan::kLarge;
    if (span.kind == SpanKind::blocks) {
      made.kind = span.size_class;
      made.allocated.resize((span.blocks + 63) / 64);
      for (std::uint32_t i = 0; i < span.blocks; ++i) {  // what lies in a cache is not allocated
        if (tables_.allocated[span.first_slot + i].load(std::memory_order_relaxed) != 0) made.allocated[i / 64] |= 1ull << i % 64;
      }
    }
    page += span.pages;
  }
  return saved;
}

bool Allocator::load(const std::vector<SavedSpan>& spans) {
  const std::lock_guard lock(lock_);
  for (const SavedSpan& span : spans) {
    switch (span.kind) {
      case SavedSpan::kFree:
        runs_.give(span.first, span.pages);
        break;
      case SavedSpan::kLarge:
        set_large(span.first, span.pages);
        break;
      default:
        if (!store_.add(span.first, span.pages, span.kind, span.allocated)) return false;
    }
  }
  return true;
}

}  // namespace tenon::runtime
