// SPDX-License-Identifier: Apache-2.0
#include "runtime/control.hpp"

#include <algorithm>
#include <thread>

#include "runtime/os/threads.hpp"
#include "runtime/process.hpp"
#include "runtime/stop.hpp"
#include "runtime/thread_slot.hpp"
#include "runtime/watchdog.hpp"

namespace tenon::runtime {

namespace {

constexpr std::chrono::microseconds kFirstWait{20}, kLastWait{1000};

std::uint64_t now_ns() noexcept { return os::read_clock_ns(CLOCK_MONOTONIC); }
std::uint64_t positive(std::chrono::nanoseconds time) noexcept { return static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0)); }

/// Marks the levels of `control` and what runs inside them; true when there was one.
bool mark_levels_of(const Control& control, ThreadSlot& slot) {
  bool found = false;
  for (Level& level : slot.levels) {
    const LevelView seen = view(level);
    if (state_of(seen.word) == LevelState::idle) break;
    if (state_of(seen.word) == LevelState::releasing) continue;
    found |= seen.control == &control && !level.cleans_up.load(std::memory_order_acquire);  // what has ended may clean up
    if (found) mark(level, generation_of(seen.word), Cause::host_request);
  }
  return found;
}

}  // namespace

Control::Control(const AfterCancel& policy) : policy_(policy) {
  recent_ns_.resize(std::clamp(policy.count, 1u, AfterCancel::kMaxCount));
}

Cause Control::refusal_now() noexcept {
  Cause closed = closed_.load(std::memory_order_acquire);
  if (closed != Cause::backing_off || now_ns() < closed_until_ns_.load(std::memory_order_relaxed)) return closed;
  closed_.compare_exchange_strong(closed, Cause::none);
  return closed == Cause::backing_off ? Cause::none : closed;  // else somebody was faster, with this or with another decision
}

void Control::ended(Cause cause) noexcept {
  refused(cause);
  const bool by_the_host = cause == Cause::host_request || cause == Cause::host_promise;
  if (policy_.action == AfterCancel::Action::keep || by_the_host || is_forked_child()) return;
  {
    const std::lock_guard lock(lock_);
    if (closed_.load(std::memory_order_relaxed) != Cause::none) return;  // it was in flight when the decision was made
    const std::uint64_t now = now_ns();
    if (!is_due(now)) return;
    apply(now);
  }
  if (policy_.action == AfterCancel::Action::unload) cancel_running();
}

/// Notes a cancellation; true for the `count`th in time, which starts the counting again.
bool Control::is_due(std::uint64_t now_ns) noexcept {
  recent_ns_[next_] = now_ns;
  next_ = (next_ + 1) % recent_ns_.size();
  const std::uint64_t oldest = recent_ns_[next_];
  if (oldest == 0 || (policy_.within.count() > 0 && now_ns - oldest > positive(policy_.within))) return false;
  std::ranges::fill(recent_ns_, 0);
  return true;
}

void Control::apply(std::uint64_t now_ns) noexcept {
  switch (policy_.action) {
    case AfterCancel::Action::keep:
      return;
    case AfterCancel::Action::retry: {
      const bool ran_well = now_ns - closed_until_ns_.load(std::memory_order_relaxed) > delay_ns_;
      const std::uint64_t longest = positive(policy_.longest_delay), first = std::min(positive(policy_.first_delay), longest);
      delay_ns_ = ran_well ? first : std::min(2 * delay_ns_, longest);
      closed_until_ns_.store(now_ns + delay_ns_, std::memory_order_relaxed);
      return closed_.store(Cause::backing_off, std::memory_order_release);
    }
    case AfterCancel::Action::detach:
      return closed_.store(Cause::detached, std::memory_order_release);
    case AfterCancel::Action::unload:
      return closed_.store(Cause::unloaded, std::memory_order_release);
  }
}

CancelCounts Control::counts() const noexcept {
  CancelCounts counts;
  for (std::size_t i = 0; i < kCauses; ++i) counts.by_cause[i] = counts_[i].load(std::memory_order_relaxed);
  return counts;
}

void Control::cancel_running() noexcept {
  if (is_forked_child() || !set_up_process()) return;  // before the first set-up nothing has run
  os::heavy_barrier();                                 // what began before this call is seen
  bool found = false;
  mark_and_tell([&](ThreadSlot& slot) {
    const bool here = mark_levels_of(*this, slot);
    found |= here;
    return here;
  });
  if (found) look_now();
}

void Control::unload() noexcept {
  {
    const std::lock_guard lock(lock_);
    closed_.store(Cause::unloaded, std::memory_order_release);
  }
  if (is_forked_child()) return;
  ThreadSlot* const own = tenon_thread_slot;
  if (own != nullptr) own->unloading.store(true);
  auto wait = kFirstWait;
  for (;; wait = std::min(2 * wait, kLastWait)) {
    cancel_running();  // each time: an invocation that was let in before may have started since
    if (!is_running(Whose::others)) break;
    std::this_thread::sleep_for(wait);
  }
  if (own != nullptr) own->unloading.store(false);
}

bool Control::is_running(Whose whose) const noexcept {
  bool running = false;
  for_each_slot([&](const ThreadSlot& slot) {
    if (!is_among(slot, whose)) return;
    for (const Level& level : slot.levels) running |= !level.is_idle() && level.control.load(std::memory_order_acquire) == this;
  });
  return running;
}

/// Each level has to be seen without this Control once: what takes it up afterwards is refused, and may do so all the time.
bool Control::is_quiet(std::chrono::nanoseconds patience) noexcept {
  const Cause closed = closed_.load(std::memory_order_acquire);
  if (closed != Cause::detached && closed != Cause::unloaded) return false;
  os::heavy_barrier();
  std::vector<const Level*> busy;
  for_each_slot([&](const ThreadSlot& slot) {
    for (const Level& level : slot.levels) busy.push_back(&level);
  });
  const std::uint64_t begin = now_ns();
  for (auto wait = kFirstWait;; wait = std::min(2 * wait, kLastWait)) {
    std::erase_if(busy, [&](const Level* level) { return level->is_idle() || level->control.load(std::memory_order_acquire) != this; });
    if (busy.empty()) return true;
    if (now_ns() - begin >= positive(patience)) return false;
    std::this_thread::sleep_for(wait);
  }
}

void Control::detach() noexcept {
  const std::lock_guard lock(lock_);
  if (closed_.load(std::memory_order_relaxed) != Cause::unloaded) closed_.store(Cause::detached, std::memory_order_release);
}

bool Control::attach() noexcept {
  const std::lock_guard lock(lock_);
  if (closed_.load(std::memory_order_relaxed) == Cause::unloaded) return false;
  std::ranges::fill(recent_ns_, 0);
  delay_ns_ = 0;
  closed_until_ns_.store(0, std::memory_order_relaxed);
  closed_.store(Cause::none, std::memory_order_release);
  return true;
}

}  // namespace tenon::runtime
