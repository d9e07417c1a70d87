// SPDX-License-Identifier: Apache-2.0
// One thread looks at every level of every slot. An invocation costs nothing but plain stores, so the watchdog notes a thread's CPU time when it first sees a
// generation; that is when the quantum starts. From then on it sleeps exactly as long as the quantum needs at least.
//
// When nothing has run for a while it sleeps without bound. tenon_enter stores its word and then tests tenon_watchdog_asleep; the watchdog sets the flag,
// issues a membarrier and looks once more: either the entry sees the flag and wakes it, or it sees the entry.
#include "runtime/watchdog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>

#include "base/bug.hpp"
#include "runtime/os/signals.hpp"
#include "runtime/os/threads.hpp"
#include "runtime/process.hpp"
#include "runtime/thread_slot.hpp"

extern "C" {
/// 1 while the watchdog sleeps without bound. Read by tenon_enter.
__attribute__((visibility("hidden"))) std::atomic<std::uint32_t> tenon_watchdog_asleep{0};

__attribute__((visibility("hidden"))) void tenon_wake_watchdog() noexcept {
  if (tenon_watchdog_asleep.exchange(0) != 0) tenon::runtime::os::futex_wake(tenon_watchdog_asleep);
}
}

namespace tenon::runtime {

namespace {

constexpr std::uint64_t kMinPeriodNs = 100'000;
constexpr std::uint64_t kMaxPeriodNs = 2'000'000;
/// Between two signals to a thread that does not answer: its program counter may be in a thunk, which defers.
constexpr std::uint64_t kRepeatNs = 50'000;
/// Awake this long after the last invocation: a wake-up costs that invocation some microseconds.
constexpr std::uint64_t kAwakeNs = 200'000'000;

std::mutex quanta_lock;
std::map<std::uint64_t, std::size_t> quanta;  // quantum -> installed programs
std::atomic<std::uint64_t> period_ns{kMaxPeriodNs};

void update_period() noexcept {
  const std::uint64_t shortest = quanta.empty() ? ~0ull : quanta.begin()->first;
  period_ns.store(std::clamp(shortest / 4, kMinPeriodNs, kMaxPeriodNs), std::memory_order_relaxed);
}

/// What one look found.
struct Look {
  std::uint64_t sleep_ns;     ///< until the next look is due
  bool any_active = false;    ///< some invocation runs, or ran since the last look
  bool any_over = false;      ///< some invocation is over its quantum and still there
};

struct LevelView {
  std::uint64_t word, quantum_ns;
};

/// Word and quantum that belong together; idle when the owner was in between.
LevelView view(const Level& level) {
  const std::uint64_t word = level.word.load(std::memory_order_acquire);
  const std::uint64_t quantum = level.quantum_ns.load(std::memory_order_acquire);
  const std::uint64_t again = level.word.load(std::memory_order_acquire);
  return {generation_of(word) == generation_of(again) ? word : 0, quantum};
}

/// CPU time of the slot's thread; the caller holds slot.registration and the thread is alive, so the clock is still this thread's.
std::uint64_t cpu_ns(const ThreadSlot& slot) { return os::read_clock_ns(slot.cpu_clock); }

/// Marks what is over its quantum, from the outermost such level inwards: what runs inside an invocation ends with it.
void mark_overdue(ThreadSlot& slot, Look& look) {
  const std::lock_guard lock(slot.registration);
  if (!slot.alive) return;
  std::uint64_t now = 0;
  bool over = false;
  for (std::size_t i = 0; i < kMaxNesting; ++i) {
    Level& level = slot.levels[i];
    const LevelView seen = view(level);
    const std::uint64_t generation = generation_of(seen.word);
    ThreadSlot::Note& note = slot.notes[i];
    if (state_of(seen.word) == LevelState::idle) {
      look.any_active |= note.generation != generation;
      note.generation = generation;
      return;
    }
    look.any_active = true;
    if (now == 0) now = cpu_ns(slot);
    if (note.generation != generation) note = {generation, now};
    if (state_of(seen.word) == LevelState::releasing) continue;
    const std::uint64_t used = now - note.cpu_ns;
    over |= seen.quantum_ns != 0 && used >= seen.quantum_ns;
    if (over) {
      level.cancel_generation.store(generation, std::memory_order_relaxed);
      look.any_over = true;
    } else if (seen.quantum_ns != 0) {
      look.sleep_ns = std::min(look.sleep_ns, seen.quantum_ns - used);
    }
  }
}

/// Requires: a heavy barrier since the levels were marked. A marked level in state extension is still there: its thread has not seen the mark, and the
/// thread's exit would wait for this lock and then for the signal.
void signal_marked(ThreadSlot& slot) {
  const std::lock_guard lock(slot.registration);
  if (!slot.alive || slot.signals_sent.load(std::memory_order_relaxed) > slot.signals_received.load(std::memory_order_acquire)) return;
  for (const Level& level : slot.levels) {
    const std::uint64_t word = level.word.load(std::memory_order_acquire);
    if (state_of(word) != LevelState::extension || level.cancel_generation.load(std::memory_order_relaxed) != generation_of(word)) continue;
    slot.signals_sent.fetch_add(1, std::memory_order_relaxed);
    if (os::signal_thread(slot.tid, cancel_signal()) != 0) slot.signals_sent.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
}

Look look_around() {
  Look look{period_ns.load(std::memory_order_relaxed)};
  for_each_slot([&](ThreadSlot& slot) { mark_overdue(slot, look); });
  if (look.any_over) {
    os::heavy_barrier();
    for_each_slot(signal_marked);
    look.sleep_ns = kRepeatNs;
  }
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

void* watch(void*) {
  os::make_this_thread_prompt();
  static std::atomic<std::uint32_t> never{0};
  std::uint64_t last_active = os::read_clock_ns(CLOCK_MONOTONIC);
  for (;;) {
    const Look look = look_around();
    const std::uint64_t now = os::read_clock_ns(CLOCK_MONOTONIC);
    if (look.any_active) last_active = now;
    if (now - last_active < kAwakeNs) {
      os::futex_wait(never, 0, std::max<std::uint64_t>(look.sleep_ns, 1'000));
    } else {
      sleep_until_an_invocation();
      last_active = os::read_clock_ns(CLOCK_MONOTONIC);
    }
  }
  return nullptr;
}

}  // namespace

Result<void> watch_quantum(std::uint64_t quantum_ns) {
  const std::lock_guard lock(quanta_lock);
  static bool started = false;
  if (!started) {
    if (const int error = os::start_background_thread(watch, "tenon-watchdog")) {
      return refuse("E0602", fmt::format("starting the watchdog's thread: {}", std::strerror(error)), "raise the limit on threads (ulimit -u)");
    }
    started = true;
  }
  ++quanta[quantum_ns];
  update_period();
  return {};
}

void unwatch_quantum(std::uint64_t quantum_ns) noexcept {
  const std::lock_guard lock(quanta_lock);
  const auto found = quanta.find(quantum_ns);
  base::ensure(found != quanta.end(), "a quantum that nobody watches");
  if (--found->second == 0) quanta.erase(found);
  update_period();
}

}  // namespace tenon::runtime
