// SPDX-License-Identifier: Apache-2.0
// Where things lie in an extension's heap, agreed between verifier facts, code generator and runtime (soundness.md, rules 1 and 5).
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon::abi {

inline constexpr std::uint64_t kPageBytes = 4096;
constexpr std::uint64_t page_ceil(std::uint64_t n) { return (n + kPageBytes - 1) / kPageBytes * kPageBytes; }

/// A guarded access touches [base + p' + off, +width): off is an s16 (RFC 9669, "Basic Instruction Encoding"), width <= 8 bytes. Nothing is elided that
/// relies on drift: an elided access is inside the window by itself. Both bands lie outside the window.
inline constexpr std::uint64_t kGuardBelowBytes = page_ceil(1u << 15);
inline constexpr std::uint64_t kGuardAboveBytes = page_ceil((1u << 15) - 1 + 8 - 1);

/// The 32-bit guard needs a window of exactly 4 GiB, aligned to 4 GiB, however small the heap is (rule 1).
inline constexpr std::uint64_t kWindow32Bytes = 1ull << 32;
inline constexpr std::uint64_t kMinHeapBytes = 64ull << 10;
inline constexpr std::uint64_t kMaxHeapBytes = 64ull << 30;

/// Offset 0 is never granted, so NULL is a hole; nor is the rest of the first 64 KiB, where small integers would point.
inline constexpr std::uint64_t kGlobalsOffset = 64ull << 10;
/// A heap must hold at least the hole and its globals.
inline constexpr std::uint64_t kMaxGlobalsBytes = 1ull << 30;

/// How a 64-bit BPF value becomes a heap address.
enum class HeapForm : std::uint8_t {
  window32,  ///< base + (u32)p; base aligned to 4 GiB; heaps up to 4 GiB
  mask,      ///< base + (p & (window_bytes - 1)); base aligned to window_bytes, a power of two over 4 GiB
};
struct HeapShape {
  HeapForm form = HeapForm::window32;
  std::uint64_t window_bytes = kWindow32Bytes;
  bool operator==(const HeapShape&) const = default;
};
constexpr HeapShape shape_for(std::uint64_t heap_bytes) {
  if (heap_bytes <= kWindow32Bytes) return {};
  std::uint64_t window = kWindow32Bytes;
  while (window < heap_bytes) window <<= 1;
  return {HeapForm::mask, window};
}

}  // namespace tenon::abi
