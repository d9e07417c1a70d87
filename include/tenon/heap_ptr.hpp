// SPDX-License-Identifier: Apache-2.0
// The host's way to memory in an extension's heap. Everything there is untrusted and may change at any moment: so there is no reference to it, only
// copies. Load once, check the copy, use the copy.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include <tenon/result.hpp>

namespace tenon {

namespace runtime {
class Heap;
}
class Extension;

namespace detail {
Result<void> read_heap(const runtime::Heap* heap, std::uint64_t pointer, void* to, std::uint64_t bytes);
Result<void> write_heap(runtime::Heap* heap, std::uint64_t pointer, const void* from, std::uint64_t bytes);

template <class T>
concept HasNoPadding = std::has_unique_object_representations_v<T> || std::is_floating_point_v<T>;

template <class T>
void clear_padding(T& value) {
#if __has_builtin(__builtin_clear_padding)
  __builtin_clear_padding(&value);
#else
  static_assert(HasNoPadding<T>, "this compiler cannot clear padding: give the type none");
#endif
}
}  // namespace detail

/// A pointer of the extension's, with the heap it points into; keeps the heap alive. It means what it means to the extension: wild values point to some
/// place in the same heap. Every access is range-checked. Errors of each: E0608 the memory was not granted. Thread-safe; accesses to one value may race with
/// the extension: 1, 2, 4 and 8 aligned bytes are read and written whole, more bytes can be torn.
template <class T>
  requires std::is_trivially_copyable_v<T>
class heap_ptr {
 public:
  heap_ptr() = default;

  /// One fetch.
  Result<T> load() const {
    std::array<std::byte, sizeof(T)> copy;
    if (auto read = detail::read_heap(heap_.get(), address_, copy.data(), copy.size()); !read) return std::unexpected(std::move(read).error());
    return std::bit_cast<T>(copy);
  }
  /// Padding is stored as zeros: the extension does not see what the host's memory had there.
  Result<void> store(T value) const {
    detail::clear_padding(value);
    return detail::write_heap(heap_.get(), address_, &value, sizeof value);
  }

  /// Array access from here on: into `to` from the heap, and from `from` into the heap.
  Result<void> copy_out(std::span<T> to) const { return detail::read_heap(heap_.get(), address_, to.data(), to.size_bytes()); }
  Result<void> copy_in(std::span<const T> from) const
    requires detail::HasNoPadding<T>
  {
    return detail::write_heap(heap_.get(), address_, from.data(), from.size_bytes());
  }

  /// What the extension would call this pointer; store it in a field for the extension to follow.
  std::uint64_t address() const { return address_; }
  explicit operator bool() const { return address_ != 0; }
  heap_ptr operator+(std::int64_t elements) const { return {heap_, address_ + static_cast<std::uint64_t>(elements) * sizeof(T)}; }

  /// The same place as another type.
  template <class U>
  heap_ptr<U> as() const {
    return {heap_, address_};
  }
  /// `p.field<u64>(offsetof(node, key))`.
  template <class U>
  heap_ptr<U> field(std::size_t offset) const {
    return {heap_, address_ + offset};
  }
  /// Another place in the same heap: `p.at<node>(copy.next)`.
  template <class U>
  heap_ptr<U> at(std::uint64_t pointer) const {
    return {heap_, pointer};
  }

 private:
  friend class Extension;
  friend class SharedHeap;
  template <class U>
    requires std::is_trivially_copyable_v<U>
  friend class heap_ptr;
  heap_ptr(std::shared_ptr<runtime::Heap> heap, std::uint64_t address) : heap_(std::move(heap)), address_(address) {}

  std::shared_ptr<runtime::Heap> heap_;
  std::uint64_t address_ = 0;
};

}  // namespace tenon
