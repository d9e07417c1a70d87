// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread_slot.hpp"

#include <sched.h>
#include <sys/mman.h>

#include <new>

#include "base/bug.hpp"
#include "runtime/heap_locks.hpp"
#include "runtime/os/memory.hpp"
#include "runtime/os/signals.hpp"
#include "runtime/os/threads.hpp"
#include "runtime/process.hpp"

extern "C" {
__thread __attribute__((tls_model("initial-exec"), visibility("hidden"))) tenon::runtime::Level* tenon_current_level = nullptr;
__thread __attribute__((tls_model("initial-exec"), visibility("hidden"))) tenon::runtime::ThreadSlot* tenon_thread_slot = nullptr;
}

namespace tenon::runtime {

namespace detail {
std::array<std::atomic<ThreadSlot*>, kMaxThreads> slots;
std::atomic<std::uint32_t> slot_count{0};
}  // namespace detail

namespace {

std::mutex slots_in_use;  // guards `used` and the growth of detail::slots
std::array<bool, kMaxThreads> used;

/// Default-initialised in fresh zero pages: the records of held objects cost memory only once they are used.
ThreadSlot* make_slot(std::uint32_t index) {
  constexpr std::uint64_t kSlotBytes = abi::page_ceil(sizeof(ThreadSlot)), kPollBytes = kMaxNesting * abi::kPageBytes;
  void* const p = ::mmap(nullptr, kSlotBytes + kPollBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return nullptr;
  const std::uint64_t poll_pages = reinterpret_cast<std::uint64_t>(p) + kSlotBytes;
  if (os::protect(poll_pages, kPollBytes, os::Protection::read) != 0) {
    ::munmap(p, kSlotBytes + kPollBytes);
    return nullptr;
  }
  auto* const slot = new (p) ThreadSlot;
  slot->index = index;
  for (std::size_t i = 0; i < kMaxNesting; ++i) {
    slot->levels[i].slot = slot;
    slot->levels[i].poll_page = poll_pages + i * abi::kPageBytes;
  }
  return slot;
}

ThreadSlot* take_slot() {
  const std::lock_guard lock(slots_in_use);
  const std::uint32_t count = detail::slot_count.load(std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (used[i]) continue;
    used[i] = true;
    return detail::slots[i].load(std::memory_order_relaxed);
  }
  if (count == kMaxThreads) return nullptr;
  ThreadSlot* const slot = make_slot(count);
  if (slot == nullptr) return nullptr;
  used[count] = true;
  detail::slots[count].store(slot, std::memory_order_release);
  detail::slot_count.store(count + 1, std::memory_order_release);
  return slot;
}

void give_slot(const ThreadSlot& slot) {
  const std::lock_guard lock(slots_in_use);
  used[slot.index] = false;
}

/// At thread exit, after the destructors of thread_local objects: those may still run extensions.
void leave(void* pointer) {
  auto& slot = *static_cast<ThreadSlot*>(pointer);
  give_all_locks(slot);
  settle(slot);
  {
    const std::lock_guard lock(slot.registration);
    slot.alive = false;
  }
  tenon_thread_slot = nullptr;
  os::remove_signal_stack(slot.signal_stack);
  slot.signal_stack = nullptr;
  give_slot(slot);
}

pthread_key_t* exit_key() {
  static pthread_key_t key;
  static const bool made = ::pthread_key_create(&key, leave) == 0;
  return made ? &key : nullptr;
}

/// The page of a level that is to be used again.
void open_page(Level& level) {
  if (!level.page_closed) return;
  base::ensure(os::protect(level.poll_page, abi::kPageBytes, os::Protection::read) == 0, "a page that was closed cannot be opened");
  level.page_closed = false;
}

bool describe_thread(ThreadSlot& slot) {
  const std::lock_guard lock(slot.registration);
  if (!os::stack_bounds(&slot.stack_low, &slot.stack_high) || !os::cpu_clock_of_this_thread(&slot.cpu_clock)) return false;
  if (os::ensure_signal_stack(&slot.signal_stack) != 0) return false;
  slot.tid = os::thread_id();
  slot.lock_owner = {};
  slot.slice = nullptr;
  for (Level& level : slot.levels) level.prepared_for = 0;  // it was another thread's stack
  slot.alive = true;
  return true;
}

}  // namespace

ThreadSlot* register_thread() noexcept {
  pthread_key_t* const key = exit_key();
  if (key == nullptr || is_forked_child()) return nullptr;
  ThreadSlot* const slot = take_slot();
  if (slot == nullptr) return nullptr;
  if (!describe_thread(*slot)) {
    give_slot(*slot);
    return nullptr;
  }
  if (::pthread_setspecific(*key, slot) != 0) {
    leave(slot);
    return nullptr;
  }
  os::unblock_signals(os::signal_bit(SIGSEGV) | os::signal_bit(SIGBUS) | os::signal_bit(cancel_signal()));
  tenon_thread_slot = slot;
  return slot;
}

void forget_thread() noexcept {
  if (tenon_thread_slot == nullptr) return;
  ::pthread_setspecific(*exit_key(), nullptr);
  tenon_thread_slot = nullptr;
}

void settle(ThreadSlot& slot) noexcept {
  if (is_forked_child()) return;  // what was on its way went to the parent; the lock may be held by a thread that is not here
  std::uint64_t sent = 0;
  {
    const std::lock_guard lock(slot.registration);  // after this the watchdog sees a state that it does not signal
    sent = slot.signals_sent.load(std::memory_order_relaxed);
    for (Level& level : slot.levels) open_page(level);
  }
  if (slot.signals_received.load(std::memory_order_acquire) >= sent) return;
  const std::uint64_t mask = os::unblock_signals(os::signal_bit(cancel_signal()));
  while (slot.signals_received.load(std::memory_order_acquire) < sent) ::sched_yield();
  os::set_signal_mask(mask);
}

}  // namespace tenon::runtime
