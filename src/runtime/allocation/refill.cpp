// SPDX-License-Identifier: Apache-2.0
#include "runtime/allocation/refill.hpp"

#include <atomic>
#include <utility>

#include "runtime/allocation/allocator.hpp"
#include "runtime/os/threads.hpp"
#include "runtime/process.hpp"

namespace tenon::runtime {

namespace {

std::mutex registry;              // guards the list, and that its members live
Allocator* registered = nullptr;
bool started = false;             // or the system refused: then every allocator grows by itself
std::atomic<std::uint32_t> requests{0};

void* refill(void*) {
  for (;;) {
    const std::uint32_t seen = requests.load(std::memory_order_acquire);
    {
      const std::lock_guard lock(registry);
      for (Allocator* a = registered; a != nullptr; a = a->next_registered) {
        if (a->wants_refill()) a->top_up();
      }
    }
    os::futex_wait(requests, seen, 0);
  }
  return nullptr;
}

}  // namespace

bool request_refill(Allocator& allocator) noexcept {
  if (!allocator.registered.load(std::memory_order_relaxed)) {
    const std::unique_lock lock(registry, std::try_to_lock);
    if (!lock.owns_lock()) return false;
    if (!allocator.registered) {
      allocator.next_registered = std::exchange(registered, &allocator);
      allocator.registered = true;
    }
    if (!started) static_cast<void>(os::start_background_thread(refill, "tenon-refill"));
    started = true;
  }
  requests.fetch_add(1, std::memory_order_release);
  os::futex_wake(requests);
  return true;
}

void forget_refill(Allocator& allocator) noexcept {
  if (!allocator.registered || is_forked_child()) return;
  const std::lock_guard lock(registry);
  Allocator** link = &registered;
  while (*link != &allocator) link = &(*link)->next_registered;
  *link = allocator.next_registered;
}

RefillsHalted::RefillsHalted() : held_(registry) {}

}  // namespace tenon::runtime
