// SPDX-License-Identifier: Apache-2.0
// What a lock in an extension's heap looks like. The heap is shared with other processes and written by code that nobody trusts, so a word says by itself who
// holds it: whoever finds it can ask the kernel whether that thread still lives, and needs no table that both sides would have to share.
#pragma once

#include <array>
#include <cstdint>

namespace tenon::runtime {

/// spin: one word. read, write: a reader-writer lock, whose word 0 is the writer's; each reader has one of the others for itself (soundness.md, rule 21).
enum class LockMode : std::uint8_t { spin, read, write };

inline constexpr std::uint64_t kLockWordBytes = 8;
inline constexpr std::uint32_t kReaderWords = 15;  ///< readers at once; more wait
constexpr std::uint64_t lock_bytes(LockMode mode) { return mode == LockMode::spin ? kLockWordBytes : (1 + kReaderWords) * kLockWordBytes; }

/// Hints, beside the owner. Nothing goes wrong for the host when they are wrong.
inline constexpr std::uint64_t kLockQueued = 1ull << 63;     ///< somebody has waited long enough: newcomers go to the end of the queue
inline constexpr std::uint64_t kLockAbandoned = 1ull << 62;  ///< the last owner was stopped or died while it held the lock
inline constexpr std::uint64_t kLockFlags = kLockQueued | kLockAbandoned;

/// A thread, by the number the kernel gave it and, because numbers are used again, by when it began (clock ticks, low bits; 0: not known).
struct LockOwner {
  std::uint32_t thread = 0;  ///< below 2^22 (PID_MAX_LIMIT)
  std::uint16_t start = 0;
};

/// The sequence makes every acquisition's word another one: a compare-exchange never frees a later acquisition.
constexpr std::uint64_t make_lock_word(LockOwner owner, std::uint32_t sequence) {
  return (owner.thread & 0x3fffffu) | std::uint64_t{owner.start} << 22 | (std::uint64_t{sequence} & 0xffffff) << 38;
}
constexpr std::uint64_t holder_in(std::uint64_t word) { return word & ~kLockFlags; }  ///< 0: free
constexpr LockOwner owner_in(std::uint64_t word) {
  return {static_cast<std::uint32_t>(word & 0x3fffff), static_cast<std::uint16_t>(word >> 22 & 0xffff)};
}

}  // namespace tenon::runtime
