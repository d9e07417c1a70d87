// SPDX-License-Identifier: Apache-2.0
#include "runtime/lock_records.hpp"

#include <array>
#include <mutex>

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
  made.address.store(request.address, std::memory_order_release);  // who still reads this place as an older entry's sees its removal as well
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
  epoch_.store(epoch_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);  // seen by whoever sees one of the stores below
  const std::uint32_t last = count_.load(std::memory_order_relaxed) - 1;
  for (auto i = static_cast<std::uint32_t>(&record - entries_.data()); i < last; ++i) {
    const LockRecord& from = entries_[i + 1];
    LockRecord& to = entries_[i];
    to.address.store(from.address.load(std::memory_order_relaxed), std::memory_order_release);
    to.word.store(from.word.load(std::memory_order_relaxed), std::memory_order_release);
    to.file.store(from.file.load(std::memory_order_relaxed), std::memory_order_release);
    to.line.store(from.line.load(std::memory_order_relaxed), std::memory_order_release);
    to.mode.store(from.mode.load(std::memory_order_relaxed), std::memory_order_release);
    to.blocks.store(from.blocks.load(std::memory_order_relaxed), std::memory_order_release);
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
  waits_for_.store(0, std::memory_order_release);
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
  ThreadSlot* slot = nullptr;
  std::uint32_t epoch = 0;
  std::uint64_t waits_for = 0;
  WaitsFor whom = WaitsFor::everybody;
  std::size_t reached_from = 0;
  bool reached = false;
};

/// Decides one after the other, so that of several who see the same circle one gives up. Allocates nothing: a host out of memory still finds its deadlocks.
class Search {
 public:
  /// The index of a waiter that waits for what `self` holds and is reached from what `self` waits for; 0, which is `self`, when there is none.
  std::size_t close_circle(ThreadSlot& self) noexcept {
    count_ = reached_ = 0;
    add(self);
    if (count_ == 0) return 0;
    for_each_slot([&](ThreadSlot& slot) {
      if (&slot != &self) add(slot);
    });
    order_[reached_++] = 0;
    for (std::size_t next = 0; next < reached_; ++next) {  // breadth first
      const std::size_t at = order_[next];
      if (at != 0 && stands_in_the_way(0, at)) return at;
      for (std::size_t i = 1; i < count_; ++i) {
        if (waiters_[i].reached || i == at || !stands_in_the_way(i, at)) continue;
        waiters_[i].reached = true;
        waiters_[i].reached_from = at;
        order_[reached_++] = i;
      }
    }
    return 0;
  }
  const Waiter& operator[](std::size_t at) const noexcept { return waiters_[at]; }

 private:
  void add(ThreadSlot& slot) noexcept {
    const std::uint32_t epoch = slot.locks.epoch();
    const std::uint64_t waits_for = slot.locks.waits_for();
    if (waits_for != 0) waiters_[count_++] = {&slot, epoch, waits_for, slot.locks.waits_for_whom()};
  }
  bool stands_in_the_way(std::size_t holder, std::size_t of) const noexcept {
    return waiters_[holder].slot->locks.in_the_way_of(waiters_[of].waits_for, waiters_[of].whom) != nullptr;
  }

  std::size_t count_ = 0, reached_ = 0;
  std::array<Waiter, kMaxThreads> waiters_;
  std::array<std::size_t, kMaxThreads> order_;
};

std::mutex searching;
Search search;  // under `searching`

}  // namespace

std::optional<DeadlockReport> find_deadlock(ThreadSlot& self) noexcept {
  const std::lock_guard lock(searching);
  const std::size_t last = search.close_circle(self);
  if (last == 0) return std::nullopt;
  std::size_t first = last;
  while (search[first].reached_from != 0) first = search[first].reached_from;
  const LockRecord* const held = self.locks.in_the_way_of(search[last].waits_for, search[last].whom);
  const LockRecord* const other = search[first].slot->locks.in_the_way_of(search[0].waits_for, search[0].whom);
  if (held == nullptr || other == nullptr) return std::nullopt;
  const DeadlockReport report{search[0].waits_for, held->place(),
                              {other->file.load(std::memory_order_relaxed), other->line.load(std::memory_order_relaxed), 0},
                              owner_in(other->word.load(std::memory_order_relaxed)).thread};
  // Each edge was read at another time: only if nobody on the way has moved since did all of them hold at once.
  for (std::size_t at = last;; at = search[at].reached_from) {
    if (search[at].slot->locks.epoch() != search[at].epoch) return std::nullopt;
    if (at == 0) break;
  }
  self.locks.end_wait();
  return report;
}

}  // namespace tenon::runtime
