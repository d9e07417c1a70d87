// SPDX-License-Identifier: Apache-2.0
// The host's view of a heap (soundness.md, rules 19 and 20): each access is checked against what was granted, made once, and no fault of the host.
#include <tenon/heap_ptr.hpp>

#include <fmt/format.h>

#include "runtime/heap_state.hpp"
#include "runtime/process.hpp"

extern "C" __attribute__((visibility("hidden"))) std::uint32_t tenon_guarded_copy(void* to, const void* from, std::uint64_t bytes, std::uint64_t heap_begin,
                                                                                  std::uint64_t heap_end) noexcept;

namespace tenon {

namespace runtime {

std::uint64_t Heap::allocate(std::uint64_t bytes, std::uint64_t alignment) noexcept {
  return is_forked_child() ? 0 : state_->allocator->allocate(nullptr, nullptr, bytes, alignment);
}

bool Heap::release(std::uint64_t address) noexcept { return !is_forked_child() && state_->allocator->release(nullptr, address); }

bool Heap::read(std::uint64_t pointer, void* to, std::uint64_t bytes) const noexcept {
  const std::uint64_t window = state_->shape.window_bytes, address = state_->base + (pointer & (window - 1));
  if (bytes == 0) return true;
  return granted(address, bytes) && tenon_guarded_copy(to, reinterpret_cast<const void*>(address), bytes, state_->base, state_->base + window) == 0;
}

bool Heap::write(std::uint64_t pointer, const void* from, std::uint64_t bytes) noexcept {
  const std::uint64_t window = state_->shape.window_bytes, address = state_->base + (pointer & (window - 1));
  if (bytes == 0) return true;
  return granted(address, bytes) && tenon_guarded_copy(reinterpret_cast<void*>(address), from, bytes, state_->base, state_->base + window) == 0;
}

}  // namespace runtime

namespace detail {

namespace {
std::unexpected<Diagnostics> outside(std::uint64_t pointer, std::uint64_t bytes) {
  return refuse("E0608", fmt::format("{} bytes at {:#x} do not lie in memory that the extension's heap was granted", bytes, pointer),
                "a pointer from the heap can be anything: treat this as bad input");
}
}  // namespace

Result<void> read_heap(const runtime::Heap* heap, std::uint64_t pointer, void* to, std::uint64_t bytes) {
  if (heap != nullptr && heap->read(pointer, to, bytes)) return {};
  return outside(pointer, bytes);
}

Result<void> write_heap(runtime::Heap* heap, std::uint64_t pointer, const void* from, std::uint64_t bytes) {
  if (heap != nullptr && heap->write(pointer, from, bytes)) return {};
  return outside(pointer, bytes);
}

}  // namespace detail

}  // namespace tenon
