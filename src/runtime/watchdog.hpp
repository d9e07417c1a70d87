// SPDX-License-Identifier: Apache-2.0
// Ends invocations that used more CPU time than their quantum, and repeats what the host asked for until it has happened (soundness.md, rules 12, 13).
#pragma once

#include <atomic>
#include <cstdint>

#include <tenon/result.hpp>

extern "C" {
/// 1 while the watchdog sleeps without bound. Who begins an invocation reads it after the level's word was stored.
extern __attribute__((visibility("hidden"))) std::atomic<std::uint32_t> tenon_watchdog_asleep;
__attribute__((visibility("hidden"))) void tenon_wake_watchdog() noexcept;
}

namespace tenon::runtime {

/// Starts the watchdog's thread, once. Errors: E0602. Thread-safe.
Result<void> start_watchdog();
/// Some level was marked: the watchdog sees to it that it ends. Starts it if need be.
void look_now() noexcept;

/// Counts a program with this quantum (> 0). Requires: start_watchdog(). Thread-safe.
void watch_quantum(std::uint64_t quantum_ns);
/// Undoes one watch_quantum().
void unwatch_quantum(std::uint64_t quantum_ns) noexcept;

}  // namespace tenon::runtime
