// SPDX-License-Identifier: Apache-2.0
#include "runtime/process.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <tenon/engine.hpp>

#include "runtime/fault_handler.hpp"
#include "runtime/os/signals.hpp"
#include "runtime/os/threads.hpp"
#include "runtime/thread_slot.hpp"

extern "C" {
/// Read by tenon_landing.
__attribute__((visibility("hidden"))) std::uint8_t tenon_cpu_has_avx = 0;
}

namespace tenon::runtime {

namespace {

std::atomic<bool> forked_child{false};
std::atomic<int> chosen_signal{0};

/// The child has this one thread, no watchdog, and heaps that it shares with its parent: what is running ends at its next host call, nothing new starts.
void in_child() {
  forked_child.store(true, std::memory_order_relaxed);
  if (tenon_thread_slot == nullptr) return;
  for (std::size_t i = 0; i < tenon_thread_slot->depth; ++i) tenon_thread_slot->levels[i].request(Pending::cancel, Cause::host_request, 0);
  forget_thread();
}

int set_up() {
  __builtin_cpu_init();
  tenon_cpu_has_avx = __builtin_cpu_supports("avx") ? 1 : 0;
  if (const int error = os::register_heavy_barrier()) return error;
  const int signal = os::unused_realtime_signal();
  if (signal == 0) return EBUSY;
  chosen_signal.store(signal, std::memory_order_relaxed);
  if (const int error = ::pthread_atfork(nullptr, nullptr, in_child)) return error;
  return install_fault_handlers(signal);
}

}  // namespace

Result<void> set_up_process() {
  static const int error = set_up();
  if (error == 0) return {};
  return refuse("E0602", fmt::format("setting up signals and barriers: {}", std::strerror(error)),
                "Tenon needs membarrier(2), rt_sigaction(2) and one unused real-time signal");
}

bool is_forked_child() noexcept { return forked_child.load(std::memory_order_relaxed); }
int cancel_signal() noexcept { return chosen_signal.load(std::memory_order_relaxed); }

}  // namespace tenon::runtime
