// SPDX-License-Identifier: Apache-2.0
// What compiled code sees of a running invocation. Every compiled function has the C signature
//   u64 f(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5, Invocation*)
// and calls nothing but functions of its own image and thunk slots (soundness.md, rule 3).
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon::abi {

/// Host-private; the runtime embeds it in its per-thread slot. Offsets are part of the CodeImage format.
struct Invocation {
  std::uint64_t native_stack_limit;  ///< a function that may recurse calls thunk cancel_stack when rsp - its frame would be below
  std::uint64_t heap_stack_pointer;  ///< top of the free part of the per-invocation stack inside the heap; grows down, 16-byte aligned
  std::uint64_t heap_stack_limit;    ///< lowest usable address of it
  std::uint64_t poll_page;           ///< CodeImage::polls: a loop reads here once per turn; the page is closed when the invocation must end
};
static_assert(offsetof(Invocation, native_stack_limit) == 0 && offsetof(Invocation, heap_stack_pointer) == 8 &&
              offsetof(Invocation, heap_stack_limit) == 16 && offsetof(Invocation, poll_page) == 24);

/// Thunk slots: addresses of the runtime's assembly, filled in at install.
enum class ThunkSlot : std::uint8_t {
  host_call,          ///< u64 (u64 r1..r5, const Site*): every call of a host function
  cancel_stack,       ///< noreturn void (const Site*)
  cancel_misaligned,  ///< noreturn void (const Site*)
  cancel_bad_call,    ///< noreturn void (const Site*)
};
inline constexpr std::size_t kThunkSlots = 4;

/// Largest native stack need of host functions below a thunk; the entry check keeps it free (rule 16).
inline constexpr std::uint64_t kHostStackReserveBytes = 64ull << 10;
/// Size of the per-invocation stack inside the heap, per nesting level.
inline constexpr std::uint64_t kHeapStackBytes = 256ull << 10;

}  // namespace tenon::abi
