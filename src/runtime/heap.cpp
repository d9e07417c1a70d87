// SPDX-License-Identifier: Apache-2.0
// The window: [hole 64 KiB][globals, then what grow() granted][hole ...][stack region], guard bands outside. Pages are shared memory of one sealed memfd,
// mapped without access and opened as they are granted; nothing is ever taken back before the heap goes (soundness.md, rules 1 and 5).
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "runtime/heap_state.hpp"
#include "runtime/runtime.hpp"

namespace tenon::runtime {

namespace {

/// Committing this much takes a few milliseconds; between two steps the invocation can be stopped.
constexpr std::uint64_t kCommitStepBytes = 16ull << 20;
/// The first word of a heap's memory, once it is shared; the second says how much is granted.
constexpr std::uint64_t kSharedHeapMark = 0x31'50'41'45'48'4e'4e'54;  // "TNNHEAP1"

std::unexpected<Diagnostics> system_refused(const char* what, int error) {
  return refuse("E0602", fmt::format("{}: {}", what, std::strerror(error)), "free memory or address space (ulimit -v, vm.max_map_count), then try again");
}

Result<void> fill_globals(const Heap& heap, const InitialGlobals& globals) {
  auto* const block = reinterpret_cast<std::byte*>(heap.globals_address());
  std::size_t used = globals.bytes.size();  // fresh pages are zero: what ends in zeros (.bss) need not be touched
  while (used > 0 && globals.bytes[used - 1] == std::byte{0}) --used;
  if (used != 0) std::memcpy(block, globals.bytes.data(), used);
  for (const InitialGlobals::Pointer& pointer : globals.pointers) {
    if (pointer.at > globals.bytes.size() || globals.bytes.size() - pointer.at < sizeof(std::uint64_t)) {
      return refuse("E0603", fmt::format("a pointer at offset {} lies outside the {} bytes of globals", pointer.at, globals.bytes.size()));
    }
    const std::uint64_t value = pointer.is_function ? pointer.target : heap.globals_address() + pointer.target;
    std::memcpy(block + pointer.at, &value, sizeof value);
  }
  return {};
}

}  // namespace

Heap::Heap(std::unique_ptr<State> state) : state_(std::move(state)) {}
Heap::~Heap() = default;

/// Everything but what is in it. `base` 0: wherever there is room.
Result<std::unique_ptr<Heap::State>> Heap::reserve(std::uint64_t heap_bytes, std::uint64_t limit_bytes, const HeapOptions& options, std::uint64_t base) {
  if (heap_bytes < abi::kMinHeapBytes || heap_bytes > abi::kMaxHeapBytes) {
    return refuse("E0601", fmt::format("a heap of {} bytes: it must have {} to {} bytes", heap_bytes, abi::kMinHeapBytes, abi::kMaxHeapBytes),
                  "choose LoadOptions::heap_bytes between 64 KiB and 64 GiB");
  }
  heap_bytes = std::bit_ceil(heap_bytes);
  auto state = std::make_unique<State>();
  state->shape = abi::shape_for(heap_bytes);
  const std::uint64_t window = state->shape.window_bytes;
  const std::uint64_t capacity = std::min(heap_bytes, window - abi::kGlobalsOffset - kStackRegionBytes);
  state->limit = std::min(limit_bytes == 0 ? capacity : limit_bytes / abi::kPageBytes * abi::kPageBytes, capacity);
  state->window = base == 0 ? os::reserve_window(abi::kGuardBelowBytes, window, abi::kGuardAboveBytes)
                            : os::reserve_at(base - abi::kGuardBelowBytes, abi::kGuardBelowBytes + window + abi::kGuardAboveBytes);
  if (!state->window && base != 0 && errno == EEXIST) {
    return refuse("E0618", fmt::format("the snapshot's heap lay at {:#x}, where this process has something else", base),
                  "try again in a new process, before other heaps are made there");
  }
  if (!state->window) return system_refused("reserving the heap's address space", errno);
  state->base = state->window.address() + abi::kGuardBelowBytes;
  state->memory = os::create_sealed_memory("tenon-heap", window);
  if (!state->memory) return system_refused("creating the heap's memory", errno);
  if (const int error = os::map_file(state->base, window, state->memory)) return system_refused("mapping the heap's memory", error);

  auto tables = Tables::create(abi::kGlobalsOffset + state->limit);
  if (!tables) return system_refused("reserving the allocator's tables", errno);
  state->options = options;
  state->allocator = std::make_unique<Allocator>(*state, std::move(*tables), options.debug);
  return state;
}

Result<std::shared_ptr<Heap>> Heap::create(std::uint64_t heap_bytes, std::uint64_t limit_bytes, const InitialGlobals& globals, const HeapOptions& options) {
  TENON_TRY(state, reserve(heap_bytes, limit_bytes, options, 0));
  const std::uint64_t globals_bytes = globals.bytes.size();
  if (globals_bytes > abi::kMaxGlobalsBytes || abi::page_ceil(globals_bytes) > state->limit) {
    return refuse("E0603", fmt::format("{} bytes of globals do not fit the heap's limit of {} bytes", globals_bytes, state->limit),
                  "raise heap_bytes or heap_limit_bytes, or make the globals smaller");
  }
  const std::shared_ptr<Heap> heap(new Heap(std::move(state)));
  if (globals_bytes != 0) {
    if (const int error = heap->state_->grant_more(abi::page_ceil(globals_bytes), nullptr)) return system_refused("committing the globals", error);
  }
  if (auto filled = fill_globals(*heap, globals); !filled) return std::unexpected(filled.error());
  return heap;
}

abi::HeapShape Heap::shape() const { return state_->shape; }
std::uint64_t Heap::base() const { return state_->base; }
std::uint64_t Heap::globals_address() const { return state_->base + abi::kGlobalsOffset; }
std::uint64_t Heap::granted_bytes() const {
  if (!state_->is_attached) [[likely]] return state_->granted.load(std::memory_order_acquire);
  return std::min(state_->granted_word().load(std::memory_order_acquire), state_->shape.window_bytes - abi::kGlobalsOffset - kStackRegionBytes);
}
std::uint64_t Heap::limit_bytes() const { return state_->limit; }

bool Heap::granted(std::uint64_t address, std::uint64_t bytes) const {
  const std::uint64_t offset = address - state_->base;  // wraps for addresses below the window: then it is larger than any offset
  if (offset >= state_->shape.window_bytes || bytes > state_->shape.window_bytes - offset) return false;
  const std::uint64_t end = abi::kGlobalsOffset + granted_bytes();
  if (offset >= abi::kGlobalsOffset && offset + bytes <= end) return !state_->options.debug || !state_->allocator->closed(offset, bytes);
  return state_->in_stack(offset, bytes);
}

Result<int> Heap::share() {
  const std::lock_guard lock(state_->growing);
  base::Fd shared = os::duplicate(state_->memory.get());
  if (!shared) return system_refused("duplicating the heap's descriptor", errno);
  if (!state_->shared_page) {
    state_->shared_page = os::map_first_page(state_->memory, os::Protection::read_write);
    if (!state_->shared_page) return system_refused("mapping the page that says what is granted", errno);
    state_->granted_word().store(state_->granted.load(std::memory_order_relaxed), std::memory_order_release);
    std::memcpy(reinterpret_cast<void*>(state_->shared_page.address()), &kSharedHeapMark, sizeof kSharedHeapMark);
  }
  return shared.release();
}

Result<std::shared_ptr<Heap>> Heap::attach(int fd) {
  const auto no_heap = [](const char* why) {
    return refuse("E0620", fmt::format("the descriptor is of no heap that can be shared: {}", why), "pass the one that Extension::share() returned");
  };
  auto state = std::make_unique<State>();
  state->memory = os::duplicate(fd);
  if (!state->memory) return no_heap(std::strerror(errno));
  const std::uint64_t bytes = os::sealed_bytes(state->memory);  // sealed: no access below can be cut off by whoever has it as well
  if (bytes < abi::kWindow32Bytes || bytes > abi::kMaxHeapBytes || abi::shape_for(bytes).window_bytes != bytes) return no_heap("it is no sealed memory of such a size");
  state->shape = abi::shape_for(bytes);
  state->shared_page = os::map_first_page(state->memory, os::Protection::read);
  std::uint64_t mark = 0;
  if (state->shared_page) std::memcpy(&mark, reinterpret_cast<const void*>(state->shared_page.address()), sizeof mark);
  if (mark != kSharedHeapMark) return no_heap("its owner has not shared it");
  state->window = os::reserve_window(abi::kGuardBelowBytes, bytes, abi::kGuardAboveBytes);
  if (!state->window) return system_refused("reserving the heap's address space", errno);
  state->base = state->window.address() + abi::kGuardBelowBytes;
  if (const int error = os::map_file(state->base, bytes, state->memory)) return system_refused("mapping the heap's memory", error);
  if (const int error = os::protect(state->base, bytes, os::Protection::read_write)) return system_refused("opening the heap's memory", error);
  state->is_attached = true;
  return std::shared_ptr<Heap>(new Heap(std::move(state)));
}

Result<void> Heap::add_globals(InitialGlobals globals) {
  for (const InitialGlobals::Pointer& pointer : globals.pointers) {
    const std::uint64_t at = pointer.at - globals.at;
    if (at > globals.bytes.size() || globals.bytes.size() - at < sizeof(std::uint64_t)) {
      return refuse("E0603", fmt::format("a pointer at offset {} lies outside the globals", pointer.at));
    }
    const std::uint64_t value = pointer.is_function ? pointer.target : globals_address() + pointer.target;
    std::memcpy(globals.bytes.data() + at, &value, sizeof value);
  }
  if (write(globals_address() + globals.at, globals.bytes.data(), globals.bytes.size())) return {};
  return refuse("E0603", fmt::format("{} bytes of globals at offset {} lie outside of what the heap was granted", globals.bytes.size(), globals.at));
}

void Heap::drop_parked() noexcept { state_->parking.clear(); }

std::uint64_t Heap::grow(std::uint64_t bytes) { return state_->grow(bytes, nullptr); }

std::uint64_t Heap::State::grow(std::uint64_t bytes, const Level* level) {
  const std::lock_guard lock(growing);
  const std::uint64_t before = granted.load(std::memory_order_relaxed);
  if (bytes == 0 || bytes > limit - before) return 0;
  const std::uint64_t rounded = abi::page_ceil(bytes);
  if (rounded > limit - before || grant_more(rounded, level) != 0) return 0;
  return base + abi::kGlobalsOffset + before;
}

/// What was committed before a stop or a shortage stays closed, and is found again by the next attempt.
int Heap::State::grant_more(std::uint64_t bytes, const Level* level) {
  const std::uint64_t before = granted.load(std::memory_order_relaxed), begin = abi::kGlobalsOffset + before;
  for (std::uint64_t done = 0; done < bytes; done += kCommitStepBytes) {
    if (level != nullptr && level->must_end()) return ECANCELED;
    if (const int error = os::commit(memory, begin + done, std::min(kCommitStepBytes, bytes - done))) return error;
  }
  if (const int error = os::protect(base + begin, bytes, os::Protection::read_write)) return error;
  granted.store(before + bytes, std::memory_order_release);
  if (shared_page) granted_word().store(before + bytes, std::memory_order_release);
  return 0;
}

int Heap::State::open(std::uint64_t offset, std::uint64_t bytes) {
  if (const int error = os::commit(memory, offset, bytes)) return error;
  return os::protect(base + offset, bytes, os::Protection::read_write);
}

std::uint64_t Heap::State::open_stack(std::uint32_t thread, std::size_t level) noexcept {
  const std::lock_guard lock(growing);
  const std::uint32_t number = stacks.load(std::memory_order_relaxed);
  if (number == kMaxStacks) return 0;
  const std::uint64_t end = shape.window_bytes - kTopHoleBytes - number * abi::kHeapStackBytes;
  if (open(end - kStackUsableBytes, kStackUsableBytes) != 0) return 0;
  stacks.store(number + 1, std::memory_order_release);
  home(thread, level).stack_top.store(base + end, std::memory_order_relaxed);
  return base + end;
}

bool Heap::State::in_stack(std::uint64_t offset, std::uint64_t bytes) const {
  const std::uint64_t top = shape.window_bytes - kTopHoleBytes;
  if (offset >= top) return false;
  const std::uint64_t from_top = top - offset;
  const std::uint64_t number = (from_top - 1) / abi::kHeapStackBytes;
  if (number >= stacks.load(std::memory_order_acquire)) return false;
  const std::uint64_t to_end = from_top - number * abi::kHeapStackBytes;  // from `offset` to the end of its stack
  return to_end <= kStackUsableBytes && bytes <= to_end;
}

}  // namespace tenon::runtime
