// SPDX-License-Identifier: Apache-2.0
// One thread looks at every level of every slot. An invocation costs nothing but plain stores, so the watchdog notes a thread's CPU time when it first sees a
// generation; that is when the quantum starts. From then on it sleeps as long as the quantum needs at least, less what waking up takes, and spins the rest.
//
// When nothing has run for a while it sleeps without bound. Installed::State::run stores the level's word and then tests tenon_watchdog_asleep; the watchdog sets the flag,
// issues a membarrier and looks once more: either the entry sees the flag and wakes it, or it sees the entry.
#include "runtime/watchdog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>

#include "base/bug.hpp"
#include "runtime/os/threads.hpp"
#include "runtime/stop.hpp"
#include "runtime/thread_slot.hpp"

extern "C" {
std::atomic<std::uint32_t> tenon_watchdog_asleep{0};

void tenon_wake_watchdog() noexcept {
  if (tenon_watchdog_asleep.exchange(0) != 0) tenon::runtime::os::futex_wake(tenon_watchdog_asleep);
}
}

namespace tenon::runtime {

namespace {

constexpr std::uint64_t kMinPeriodNs = 10'000;
constexpr std::uint64_t kMaxPeriodNs = 2'000'000;
constexpr std::uint64_t kMinSleepNs = 1'000;
/// What a timer is late: 5 us on bare metal, 40 us and more in virtual machines.
constexpr std::uint64_t kWakeUpNs = 30'000;
/// No more in a row: the thread that is waited for may not be running.
constexpr std::uint64_t kMaxSpinNs = 2 * kWakeUpNs;
/// Awake this long after the last invocation: a wake-up costs that invocation some microseconds.
constexpr std::uint64_t kAwakeNs = 200'000'000;

std::mutex quanta_lock;
std::map<std::uint64_t, std::size_t> quanta;  // quantum -> installed programs
std::atomic<std::uint64_t> period_ns{0};      // 0: no quantum is watched
/// Counts what the watchdog must look at without delay.
std::atomic<std::uint32_t> attention{0};

void update_period() noexcept {
  const std::uint64_t period = quanta.empty() ? 0 : std::clamp(quanta.begin()->first / 4, kMinPeriodNs, kMaxPeriodNs);
  if (period_ns.exchange(period) == period) return;
  attention.fetch_add(1);
  os::futex_wake(attention);
}

/// What one look found.
struct Look {
  std::uint64_t sleep_ns;     ///< until the next look is due
  std::uint64_t spin_ns = kNeverNs;  ///< until a quantum is over at the earliest, when that is not worth a sleep
  bool any_active = false;    ///< some invocation runs, or ran since the last look
  bool any_marked = false;    ///< some invocation must end and is still there
};

/// CPU time of the slot's thread; the caller holds slot.registration and the thread is alive, so the clock is still this thread's.
std::uint64_t cpu_ns(const ThreadSlot& slot) { return os::read_clock_ns(slot.cpu_clock); }

/// CPU time that the invocation has used since it was first seen.
std::uint64_t used_ns(ThreadSlot::Note& note, std::uint64_t generation, std::uint64_t now) {
  if (note.generation != generation) note = {generation, now};
  return now - note.cpu_ns;
}

/// With half of a short quantum left it sleeps all the same: else a stream of short invocations would keep it spinning.
void note_deadline(Look& look, std::uint64_t quantum_ns, std::uint64_t left_ns) {
  const std::uint64_t lead = std::min(kWakeUpNs, quantum_ns / 2);
  if (left_ns > lead) look.sleep_ns = std::min(look.sleep_ns, left_ns - lead);
  else look.spin_ns = std::min(look.spin_ns, left_ns);
}

/// Marks what is over its quantum, and what runs inside a marked invocation, for it ends with it. True when somebody must be told.
bool mark_overdue(ThreadSlot& slot, Look& look) {
  std::uint64_t now = 0;
  Cause cause = Cause::none;  // of this level or one around it
  bool tell = false;
  for (std::size_t i = 0; i < kMaxNesting; ++i) {
    Level& level = slot.levels[i];
    const LevelView seen = view(level);
    const LevelState state = state_of(seen.word);
    const std::uint64_t generation = generation_of(seen.word);
    if (state == LevelState::idle) {
      look.any_active |= slot.notes[i].generation != generation;
      slot.notes[i].generation = generation;
      break;
    }
    look.any_active = true;
    if (now == 0) now = cpu_ns(slot);
    const std::uint64_t used = used_ns(slot.notes[i], generation, now);
    if (state == LevelState::releasing) continue;
    const bool is_marked = level.cancel_generation.load(std::memory_order_relaxed) == generation;
    if (cause == Cause::none && is_marked) cause = level.cancel_cause.load(std::memory_order_relaxed);
    if (cause == Cause::none && seen.quantum_ns != 0 && used >= seen.quantum_ns) cause = Cause::quantum;
    if (cause != Cause::none) {
      tell |= !is_marked || needs_telling(state);
      mark(level, generation, cause);
      look.any_marked = true;
    } else if (seen.quantum_ns != 0) {
      note_deadline(look, seen.quantum_ns, seen.quantum_ns - used);
    }
  }
  return tell;
}

Look look_around() {
  const std::uint64_t period = period_ns.load();
  Look look{period != 0 ? period : kMaxPeriodNs};
  const std::uint64_t again = mark_and_tell([&](ThreadSlot& slot) { return mark_overdue(slot, look); });
  look.sleep_ns = std::max(std::min(look.sleep_ns, again), kMinSleepNs);
  return look;
}

void sleep_until_an_invocation() {
  tenon_watchdog_asleep.store(1);
  os::heavy_barrier();
  if (look_around().any_active) {
    tenon_watchdog_asleep.store(0);
    return;
  }
  while (tenon_watchdog_asleep.load() != 0) os::futex_wait(tenon_watchdog_asleep, 1, 0);
}

/// Until the next look, or until somebody asks for one.
void wait(const Look& look, std::uint32_t seen_attention) {
  static std::uint64_t spun_ns = 0;  // since the last sleep
  if (look.spin_ns != kNeverNs && spun_ns < kMaxSpinNs) {
    const std::uint64_t begin = os::read_clock_ns(CLOCK_MONOTONIC);
    std::uint64_t now = begin;
    for (; now - begin < look.spin_ns; now = os::read_clock_ns(CLOCK_MONOTONIC)) __builtin_ia32_pause();
    spun_ns += std::max<std::uint64_t>(now - begin, 1);
    return;
  }
  spun_ns = 0;
  os::futex_wait(attention, seen_attention, look.spin_ns != kNeverNs ? std::min(look.sleep_ns, kWakeUpNs) : look.sleep_ns);
}

void* watch(void*) {
  os::make_this_thread_prompt();
  std::uint64_t last_active = os::read_clock_ns(CLOCK_MONOTONIC);
  for (;;) {
    const std::uint32_t seen = attention.load();
    const Look look = look_around();
    const std::uint64_t now = os::read_clock_ns(CLOCK_MONOTONIC);
    if (look.any_active) last_active = now;
    if (look.any_marked) {
      wait(look, seen);
    } else if (period_ns.load() == 0) {  // nothing is timed: whoever needs the watchdog calls it
      os::futex_wait(attention, seen, 0);
      last_active = os::read_clock_ns(CLOCK_MONOTONIC);
    } else if (now - last_active < kAwakeNs) {
      wait(look, seen);
    } else {
      sleep_until_an_invocation();
      last_active = os::read_clock_ns(CLOCK_MONOTONIC);
    }
  }
  return nullptr;
}

}  // namespace

Result<void> start_watchdog() {
  const std::lock_guard lock(quanta_lock);
  static bool started = false;
  if (started) return {};
  if (const int error = os::start_background_thread(watch, "tenon-watchdog")) {
    return refuse("E0602", fmt::format("starting the watchdog's thread: {}", std::strerror(error)), "raise the limit on threads (ulimit -u)");
  }
  started = true;
  return {};
}

void look_now() noexcept {
  if (!start_watchdog()) return;  // only the interpreter comes here without: what it runs sees its mark by itself
  attention.fetch_add(1);
  os::futex_wake(attention);
  tenon_wake_watchdog();
}

void watch_quantum(std::uint64_t quantum_ns) {
  const std::lock_guard lock(quanta_lock);
  ++quanta[quantum_ns];
  update_period();
}

void unwatch_quantum(std::uint64_t quantum_ns) noexcept {
  const std::lock_guard lock(quanta_lock);
  const auto found = quanta.find(quantum_ns);
  base::ensure(found != quanta.end(), "a quantum that nobody watches");
  if (--found->second == 0) quanta.erase(found);
  update_period();
}

}  // namespace tenon::runtime
