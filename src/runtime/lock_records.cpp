// SPDX-License-Identifier: Apache-2.0
#include "runtime/lock_records.hpp"

#include <mutex>
#include <vector>

#include "runtime/thread_slot.hpp"

namespace tenon::runtime {

LockRecord* LockRecords::find(std::uint64_t address) noexcept {
  for (std::size_t i = size(); i-- > 0;) {
    if (entries_[i].address.load(std::memory_order_relaxed) == address) return &entries_[i];
  }
  return nullptr;
}

LockRecord& LockRecords::begin(const LockRequest& request, std::uint64_t word) noexcept {
  const std::uint32_t at = count_.load(std::memory_order_relaxed);
  LockRecord& made = entries_[at];
  made.blocks.store(false, std::memory_order_relaxed);
  made.address.store(request.address, std::memory_order_relaxed);
  made.word.store(word, std::memory_order_relaxed);
  made.file.store(request.place.file, std::memory_order_relaxed);
  made.line.store(request.place.line, std::memory_order_relaxed);
  made.mode.store(request.mode, std::memory_order_relaxed);
  made.instruction = request.place.instruction;
  made.word_index = 0;
  count_.store(at + 1, std::memory_order_release);  // only adds to what others have read: no new epoch
  return made;
}

/// The later ones move down, so that the newest stays last.
void LockRecords::remove(LockRecord& record) noexcept {
  epoch_.store(epoch_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  const std::uint32_t last = count_.load(std::memory_order_relaxed) - 1;
  for (auto i = static_cast<std::uint32_t>(&record - entries_.data()); i < last; ++i) {
    const LockRecord& from = entries_[i + 1];
    LockRecord& to = entries_[i];
    to.address.store(from.address.load(std::memory_order_relaxed), std::memory_order_relaxed);
    to.word.store(from.word.load(std::memory_order_relaxed), std::memory_order_relaxed);
    to.file.store(from.file.load(std::memory_order_relaxed), std::memory_order_relaxed);
    to.line.store(from.line.load(std::memory_order_relaxed), std::memory_order_relaxed);
    to.mode.store(from.mode.load(std::memory_order_relaxed), std::memory_order_relaxed);
    to.blocks.store(from.blocks.load(std::memory_order_relaxed), std::memory_order_relaxed);
    to.instruction = from.instruction;
    to.word_index = from.word_index;
  }
  count_.store(last, std::memory_order_release);
}

void LockRecords::begin_wait(std::uint64_t address, WaitsFor whom) noexcept {
  whom_.store(whom, std::memory_order_relaxed);
  waits_for_.store(address, std::memory_order_release);
}

void LockRecords::end_wait() noexcept {
  epoch_.store(epoch_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  waits_for_.store(0, std::memory_order_relaxed);
}

const LockRecord* LockRecords::in_the_way_of(std::uint64_t wanted, WaitsFor whom) const noexcept {
  const std::uint32_t count = count_.load(std::memory_order_acquire);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (entries_[i].is_in_the_way_of(wanted, whom)) return &entries_[i];
  }
  return nullptr;
}

bool LockRecords::has_word(std::uint64_t word) const noexcept {
  const std::uint32_t count = count_.load(std::memory_order_acquire);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (entries_[i].word.load(std::memory_order_relaxed) == word) return true;
  }
  return false;
}

bool is_recorded(std::uint64_t word) noexcept {
  bool found = false;
  for_each_slot([&](const ThreadSlot& slot) { found = found || slot.locks.has_word(word); });
  return found;
}

namespace {

/// A thread that waits: only those can be part of a circle.
struct Waiter {
  ThreadSlot* slot;
  std::uint32_t epoch;
  std::uint64_t waits_for;
  WaitsFor whom;
  std::size_t reached_from = 0;
  bool reached = false;
};

std::vector<Waiter> waiters_with(ThreadSlot& self) {
  std::vector<Waiter> waiters;
  const auto add = [&](ThreadSlot& slot) {
    const std::uint32_t epoch = slot.locks.epoch();
    const std::uint64_t waits_for = slot.locks.waits_for();
    if (waits_for != 0) waiters.push_back({&slot, epoch, waits_for, slot.locks.waits_for_whom()});
  };
  add(self);
  if (waiters.empty()) return waiters;
  for_each_slot([&](ThreadSlot& slot) {
    if (&slot != &self) add(slot);
  });
  return waiters;
}

/// Breadth first from waiters[0]; the index of one that waits for what waiters[0] holds, 0 when there is none.
std::size_t close_circle(std::vector<Waiter>& waiters) {
  std::vector<std::size_t> front{0};
  while (!front.empty()) {
    std::vector<std::size_t> next;
    for (const std::size_t at : front) {
      const Waiter current = waiters[at];
      if (at != 0 && waiters[0].slot->locks.in_the_way_of(current.waits_for, current.whom) != nullptr) return at;
      for (std::size_t i = 1; i < waiters.size(); ++i) {
        if (waiters[i].reached || i == at || waiters[i].slot->locks.in_the_way_of(current.waits_for, current.whom) == nullptr) continue;
        waiters[i].reached = true;
        waiters[i].reached_from = at;
        next.push_back(i);
      }
    }
    front = std::move(next);
  }
  return 0;
}

/// Decides one after the other, so that of several who see the same circle one gives up.
std::mutex deciding;

}  // namespace

std::optional<DeadlockReport> find_deadlock(ThreadSlot& self) noexcept {
  const std::lock_guard lock(deciding);
  std::vector<Waiter> waiters = waiters_with(self);
  if (waiters.empty()) return std::nullopt;
  const std::size_t last = close_circle(waiters);
  if (last == 0) return std::nullopt;
  std::size_t first = last;
  while (waiters[first].reached_from != 0) first = waiters[first].reached_from;
  const LockRecord* const held = self.locks.in_the_way_of(waiters[last].waits_for, waiters[last].whom);
  const LockRecord* const other = waiters[first].slot->locks.in_the_way_of(waiters[0].waits_for, waiters[0].whom);
  if (held == nullptr || other == nullptr) return std::nullopt;
  const DeadlockReport report{waiters[0].waits_for, held->place(),
                              {other->file.load(std::memory_order_relaxed), other->line.load(std::memory_order_relaxed), 0},
                              owner_in(other->word.load(std::memory_order_relaxed)).thread};
  // Each edge was read at another time: only if nobody on the way has moved since did all of them hold at once.
  std::atomic_thread_fence(std::memory_order_acquire);
  for (std::size_t at = last;; at = waiters[at].reached_from) {
    if (waiters[at].slot->locks.epoch() != waiters[at].epoch) return std::nullopt;
    if (at == 0) break;
  }
  self.locks.end_wait();
  return report;
}

}  // namespace tenon::runtime
