// SPDX-License-Identifier: Apache-2.0
// What a thread holds of the locks in heaps and which one it waits for: the truth behind the words in the heap, which anybody may overwrite. One per
// ThreadSlot, host-private. Its thread writes it; any thread that waits may read it, so every field that others read is atomic, and `epoch_` counts the
// changes that could make what was read untrue.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "runtime/lock_word.hpp"

namespace tenon::runtime {

inline constexpr std::size_t kMaxHeldLocks = 32;  ///< per thread, over all its nested invocations

/// Where somebody took a lock. The file's name lives as long as the process.
struct LockPlace {
  const char* file = "";
  std::uint32_t line = 0;  ///< 1-based; 0: unknown
  std::uint32_t instruction = 0;
};

struct LockRequest {
  std::uint64_t address = 0;  ///< of the lock: aligned to 8 bytes, granted
  LockMode mode = LockMode::spin;
  LockPlace place;
};

/// Who is in whose way, as the one that gave up saw it.
struct DeadlockReport {
  std::uint64_t wanted = 0;    ///< address of the lock
  LockPlace held;              ///< where this thread took what the others wait for
  LockPlace other;             ///< where the holder of `wanted` took it
  std::uint32_t other_thread = 0;
};

/// Whose holding a lock keeps a waiting thread waiting.
enum class WaitsFor : std::uint8_t {
  everybody,
  writers,  ///< it wants to read
  readers,  ///< it has the writer's word and lets the readers leave
};

struct LockRecord {
  std::atomic<std::uint64_t> address{0};
  std::atomic<std::uint64_t> word{0};  ///< what stands in the heap for it
  std::atomic<const char*> file{""};
  std::atomic<std::uint32_t> line{0};
  std::atomic<LockMode> mode{LockMode::spin};
  std::atomic<bool> blocks{false};  ///< others wait for it; false: intent only, recorded before the word is touched (soundness.md, rule 21)
  std::uint32_t instruction = 0;
  std::uint32_t word_index = 0;  ///< which word of the lock is ours

  LockPlace place() const noexcept { return {file.load(std::memory_order_relaxed), line.load(std::memory_order_relaxed), instruction}; }
  bool is_in_the_way_of(std::uint64_t wanted, WaitsFor whom) const noexcept {
    if (address.load(std::memory_order_acquire) != wanted || !blocks.load(std::memory_order_acquire)) return false;
    return whom == WaitsFor::everybody || (mode.load(std::memory_order_acquire) == LockMode::read) == (whom == WaitsFor::readers);
  }
};

class LockRecords {
 public:
  // For the owning thread.
  std::size_t size() const noexcept { return count_.load(std::memory_order_relaxed); }
  bool has_room() const noexcept { return size() < kMaxHeldLocks; }
  /// The newest record of that lock, in any mode; null: none.
  LockRecord* find(std::uint64_t address) noexcept;
  LockRecord& newest() noexcept { return entries_[size() - 1]; }
  /// Records the intent. Requires: room. The reference stays good until something older is removed.
  LockRecord& begin(const LockRequest& request, std::uint64_t word) noexcept;
  void remove(LockRecord& record) noexcept;
  void begin_wait(std::uint64_t address, WaitsFor whom) noexcept;
  void end_wait() noexcept;

  // For any thread: consistent as long as epoch() reads the same before and after.
  std::uint32_t epoch() const noexcept { return epoch_.load(std::memory_order_acquire); }
  std::uint64_t waits_for() const noexcept { return waits_for_.load(std::memory_order_acquire); }
  WaitsFor waits_for_whom() const noexcept { return whom_.load(std::memory_order_relaxed); }
  /// The record that keeps others from taking `wanted`; null: none.
  const LockRecord* in_the_way_of(std::uint64_t wanted, WaitsFor whom) const noexcept;
  bool has_word(std::uint64_t word) const noexcept;

  DeadlockReport report;  ///< the owning thread's last one

 private:
  std::atomic<std::uint32_t> epoch_{0};
  std::atomic<std::uint32_t> count_{0};
  std::atomic<std::uint64_t> waits_for_{0};
  std::atomic<WaitsFor> whom_{WaitsFor::everybody};
  std::array<LockRecord, kMaxHeldLocks> entries_;
};

struct ThreadSlot;

/// Is `self`, which waits, part of a circle of threads of this process that wait for each other? Then it no longer counts as waiting, so that nobody else
/// in the circle gives up as well, and the report says who stands in whose way. Cost: the threads that wait, squared.
std::optional<DeadlockReport> find_deadlock(ThreadSlot& self) noexcept;

/// Some thread of this process holds, or is about to take, the lock that `word` stands for.
bool is_recorded(std::uint64_t word) noexcept;

}  // namespace tenon::runtime
