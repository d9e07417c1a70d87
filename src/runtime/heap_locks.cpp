// SPDX-License-Identifier: Apache-2.0
#include "runtime/heap_locks.hpp"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "runtime/lock_queue.hpp"
#include "runtime/os/tasks.hpp"
#include "runtime/os/threads.hpp"
#include "runtime/process.hpp"

namespace tenon::runtime {

namespace {

using Word = std::atomic_ref<std::uint64_t>;

Word word_at(std::uint64_t address, std::uint32_t index = 0) noexcept {
  return Word(*reinterpret_cast<std::uint64_t*>(address + index * kLockWordBytes));
}

std::uint64_t now_ns() noexcept { return os::read_clock_ns(CLOCK_MONOTONIC); }

/// Turns of a waiting thread: it spins at first, for most locks are held for less than a switch of threads costs, then lets others run, then sleeps from turn to turn, because
/// the holder has no processor and waiting for it must not use up an innocent invocation's quantum, which is CPU time. Turns cost some of it all the same: that ends a
/// wait for a word that nobody will ever free.
class Patience {
 public:
  Patience() noexcept : begin_(now_ns()), now_(begin_), spin_until_(begin_ + kSpinNs) {}
  std::uint64_t now() const noexcept { return now_; }
  void pause() noexcept {
    if (now_ < spin_until_) {
      for (int i = 0; i < 4; ++i) __builtin_ia32_pause();
    } else if (awake_ < kYieldNs) {
      ::sched_yield();
    } else {
      os::sleep_ns(kSleepNs);
    }
    const std::uint64_t before = std::exchange(now_, now_ns());
    awake_ += std::min(now_ - before, kMaxTurnNs);
  }
  /// For how long it has waited, without the time in which it had no processor.
  std::uint64_t awake_ns() const noexcept { return awake_; }
  void spin_again() noexcept { spin_until_ = now_ + kSpinNs; }
  /// True the first time after 50 us, then less and less often.
  bool suspects_deadlock() noexcept { return due(next_search_, search_step_, kMaxSearchStepNs); }
  bool suspects_death() noexcept { return due(next_look_, look_step_, kMaxLookStepNs); }

 private:
  static constexpr std::uint64_t kSpinNs = 10'000, kMaxSearchStepNs = 2'000'000, kMaxLookStepNs = 20'000'000;
  static constexpr std::uint64_t kYieldNs = 200'000, kSleepNs = 50'000;
  static constexpr std::uint64_t kMaxTurnNs = 5'000;  ///< a turn that took longer was spent without a processor

  bool due(std::uint64_t& next, std::uint64_t& step, std::uint64_t max_step) noexcept {
    if (now_ - begin_ < next) return false;
    next = now_ - begin_ + step;
    step = std::min(2 * step, max_step);
    return true;
  }

  std::uint64_t begin_, now_, spin_until_, awake_ = 0;
  std::uint64_t next_search_ = 50'000, search_step_ = 50'000;
  std::uint64_t next_look_ = 200'000, look_step_ = 400'000;
};

/// The first of the queue lets newcomers overtake for so long, then it insists. Strict order all the time would mean that a lock stands idle whenever the one whose
/// turn it is has no processor: with more threads than processors, a time slice for each acquisition. So only time counts in which it has one: on a busy machine a single
/// sched_yield() takes longer than this, and who insists after each of them makes strict order of it again (two workers of kv_server, load average 12: ten times the
/// processor time per request).
constexpr std::uint64_t kInsistAfterNs = 100'000;

/// Frees a word whose owner cannot do it: dead, or said to be a thread of this process, which knows nothing of it (somebody wrote over the word). Another
/// process that lives is believed.
void free_if_ownerless(Word word, std::uint64_t flags) noexcept {
  std::uint64_t seen = word.load(std::memory_order_acquire);
  const std::uint64_t holder = holder_in(seen);
  if (holder == 0) return;
  const LockOwner owner = owner_in(holder);
  const auto thread = static_cast<pid_t>(owner.thread);
  const bool ownerless = os::is_task_dead(thread, owner.start) || (os::is_thread_of_this_process(thread) && !is_recorded(holder));
  if (ownerless) word.compare_exchange_strong(seen, (seen & kLockQueued) | flags, std::memory_order_acq_rel);
}

/// The caller's part of a lock word, back to free. It may have been written over meanwhile: then there is nothing to give back.
void free_word(Word word, std::uint64_t mine, std::uint64_t flags) noexcept {
  std::uint64_t seen = mine;
  for (int attempt = 0; attempt < 64; ++attempt) {
    if (word.compare_exchange_strong(seen, (seen & kLockQueued) | flags, std::memory_order_acq_rel, std::memory_order_relaxed)) return;
    if (holder_in(seen) != mine) return;
  }
  word.fetch_and(kLockFlags, std::memory_order_release);  // somebody keeps scribbling over the flags; it has no lock to lose
}

/// One acquisition, from its intent on.
class Acquisition {
 public:
  Acquisition(ThreadSlot& slot, const LockRequest& request) noexcept
      : slot_(slot), request_(request), record_(slot.locks.begin(request, make_lock_word(slot.lock_owner, ++slot.lock_sequence))),
        mine_(record_.word.load(std::memory_order_relaxed)) {}

  /// Without waiting. `in_turn`: the caller is the first of the queue, so the word may say that others wait.
  bool attempt(bool in_turn) noexcept {
    switch (request_.mode) {
      case LockMode::spin: return take_word(in_turn);
      case LockMode::write: return take_word(in_turn) && (readers_have_left() || (give_word(), false));
      case LockMode::read: return take_reader_word(in_turn);
    }
    return false;
  }

  LockResult wait(const LockLimits& limits) noexcept {
    begin_wait(request_.mode == LockMode::read ? WaitsFor::writers : WaitsFor::everybody);
    LockResult result = wait_in_queue(limits);
    end_wait();
    if (result != LockResult::taken || request_.mode != LockMode::write) return result;
    record_.blocks.store(true, std::memory_order_release);
    begin_wait(WaitsFor::readers);
    result = wait_for_readers(limits);
    end_wait();
    return result;
  }

  LockAnswer taken() noexcept {
    record_.blocks.store(true, std::memory_order_release);
    if (slot_.locks.size() == 1) os::begin_slice_extension(slot_.slice);
    return {LockResult::taken, abandoned_};
  }
  LockAnswer failed(LockResult why) noexcept {
    slot_.locks.remove(record_);
    return {why};
  }

 private:
  void begin_wait(WaitsFor whom) noexcept {
    slot_.locks.begin_wait(request_.address, whom);
    waiting_ = true;
  }
  void end_wait() noexcept {
    if (std::exchange(waiting_, false)) slot_.locks.end_wait();
  }

  bool take_word(bool in_turn) noexcept {
    const Word word = word_at(request_.address);
    std::uint64_t seen = 0;
    if (!in_turn && word.compare_exchange_strong(seen, mine_, std::memory_order_seq_cst, std::memory_order_relaxed)) return true;
    if (in_turn) seen = word.load(std::memory_order_relaxed);
    if (holder_in(seen) != 0 || (!in_turn && (seen & kLockQueued) != 0)) return false;
    if (!word.compare_exchange_strong(seen, mine_ | (seen & kLockQueued), std::memory_order_seq_cst, std::memory_order_relaxed)) return false;
    abandoned_ = (seen & kLockAbandoned) != 0;
    return true;
  }

  void give_word() noexcept { free_word(word_at(request_.address), mine_, abandoned_ ? kLockAbandoned : 0); }

  /// The reader shows itself, then looks for a writer; the writer shows itself, then looks for readers: one of them sees the other (both are seq_cst).
  bool take_reader_word(bool in_turn) noexcept {
    const Word writer = word_at(request_.address);
    const std::uint64_t stop = in_turn ? ~kLockFlags : ~kLockAbandoned;
    if ((writer.load(std::memory_order_acquire) & stop) != 0) return false;
    for (std::uint32_t i = 0; i < kReaderWords; ++i) {
      const std::uint32_t index = 1 + (slot_.index + i) % kReaderWords;
      const Word own = word_at(request_.address, index);
      std::uint64_t free = 0;
      if (own.load(std::memory_order_relaxed) != 0 || !own.compare_exchange_strong(free, mine_, std::memory_order_seq_cst)) continue;
      const std::uint64_t seen = writer.load(std::memory_order_seq_cst);
      if ((seen & stop) != 0) {
        free_word(own, mine_, 0);
        return false;
      }
      record_.word_index = index;
      abandoned_ = (seen & kLockAbandoned) != 0;
      return true;
    }
    return false;
  }

  bool readers_have_left() const noexcept {
    for (std::uint32_t i = 1; i <= kReaderWords; ++i) {
      if (word_at(request_.address, i).load(std::memory_order_seq_cst) != 0) return false;
    }
    return true;
  }

  /// Why to stop waiting; `taken`: go on.
  LockResult reason_to_stop(const LockLimits& limits, Patience& patience) noexcept {
    if (limits.level != nullptr && limits.level->must_end()) return LockResult::ended;
    if (limits.deadline_ns != 0 && patience.now() >= limits.deadline_ns) return LockResult::busy;
    if (!patience.suspects_deadlock()) return LockResult::taken;
    const auto found = find_deadlock(slot_);
    if (!found) return LockResult::taken;
    waiting_ = false;  // find_deadlock() has taken it back
    slot_.locks.report = *found;
    return LockResult::deadlock;
  }

  LockResult wait_in_queue(const LockLimits& limits) noexcept {
    QueuePlace place(request_.address);
    Patience patience;
    const Word word = word_at(request_.address);
    std::uint64_t insists_from = 0;  // of awake_ns(); 0: not the first yet
    for (;;) {
      if (place.is_first()) {
        if (insists_from == 0) insists_from = patience.awake_ns() + kInsistAfterNs;
        if (request_.mode == LockMode::read ? take_reader_word(true) : take_word(true)) return LockResult::taken;
        if (patience.awake_ns() >= insists_from && (word.load(std::memory_order_relaxed) & kLockQueued) == 0) {
          word.fetch_or(kLockQueued, std::memory_order_relaxed);
          patience.spin_again();  // it will be free at once, and waits for nobody else
        }
        if (patience.suspects_death()) look_for_death();
      }
      if (const LockResult why = reason_to_stop(limits, patience); why != LockResult::taken) return why;
      patience.pause();
    }
  }

  void look_for_death() noexcept {
    free_if_ownerless(word_at(request_.address), kLockAbandoned);
    if (request_.mode != LockMode::spin) free_dead_readers();
  }
  void free_dead_readers() noexcept {
    for (std::uint32_t i = 1; i <= kReaderWords; ++i) {
      const Word word = word_at(request_.address, i);
      std::uint64_t forged = mine_;  // who waits is no reader yet: somebody guessed its next word
      if (!word.compare_exchange_strong(forged, 0, std::memory_order_acq_rel)) free_if_ownerless(word, 0);
    }
  }

  /// The writer's word is ours: no reader comes in any more.
  LockResult wait_for_readers(const LockLimits& limits) noexcept {
    Patience patience;
    while (!readers_have_left()) {
      if (const LockResult why = reason_to_stop(limits, patience); why != LockResult::taken) {
        give_word();
        return why;
      }
      if (patience.suspects_death()) free_dead_readers();
      patience.pause();
    }
    return LockResult::taken;
  }

  ThreadSlot& slot_;
  const LockRequest& request_;
  LockRecord& record_;
  const std::uint64_t mine_;
  bool abandoned_ = false;
  bool waiting_ = false;
};

/// Who the thread is costs a look into /proc, so only threads that use locks find out.
void ensure_owner(ThreadSlot& slot) noexcept {
  if (slot.lock_owner.thread != 0) return;
  slot.lock_owner = {static_cast<std::uint32_t>(os::thread_id()), os::start_of_this_thread()};
  slot.slice = os::enable_slice_extension();
}

}  // namespace

LockAnswer take_lock(ThreadSlot& slot, const LockRequest& request, const LockLimits& limits) noexcept {
  if (const LockRecord* const own = slot.locks.find(request.address)) {
    slot.locks.report = {request.address, own->place(), own->place(), slot.lock_owner.thread};
    return {LockResult::deadlock};
  }
  if (!slot.locks.has_room()) return {LockResult::too_many};
  ensure_owner(slot);
  Acquisition acquisition(slot, request);
  if (acquisition.attempt(false)) return acquisition.taken();
  const LockResult result = acquisition.wait(limits);
  return result == LockResult::taken ? acquisition.taken() : acquisition.failed(result);
}

LockAnswer try_lock(ThreadSlot& slot, const LockRequest& request) noexcept {
  if (slot.locks.find(request.address) != nullptr) return {LockResult::busy};
  if (!slot.locks.has_room()) return {LockResult::too_many};
  ensure_owner(slot);
  Acquisition acquisition(slot, request);
  if (acquisition.attempt(false)) return acquisition.taken();
  // Whoever only ever tries finds the dead as well, now and then.
  constexpr std::uint32_t kLookEvery = 256;
  if (++slot.failed_tries % kLookEvery == 0) free_if_ownerless(word_at(request.address), kLockAbandoned);
  return acquisition.failed(LockResult::busy);
}

void give_lock(ThreadSlot& slot, LockRecord& record, Leaving how) noexcept {
  const std::uint64_t address = record.address.load(std::memory_order_relaxed), mine = record.word.load(std::memory_order_relaxed);
  const bool reads = record.mode.load(std::memory_order_relaxed) == LockMode::read;
  const Word word = word_at(address, record.word_index);
  slot.locks.remove(record);
  if (is_forked_child()) return;  // the heap is shared with the parent, and so is the lock
  free_word(word, mine, how == Leaving::abandoned && !reads ? kLockAbandoned : 0);
  if (slot.locks.size() == 0) os::end_slice_extension(slot.slice);
}

void give_all_locks(ThreadSlot& slot) noexcept {
  while (slot.locks.size() > 0) give_lock(slot, slot.locks.newest(), Leaving::abandoned);
}

}  // namespace tenon::runtime
