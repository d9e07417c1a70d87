// SPDX-License-Identifier: Apache-2.0
// Threads as the kernel and libc know them.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <ctime>

namespace tenon::runtime::os {

/// [low, high) of the calling thread's stack; low is above its guard pages. False when libc does not know.
bool stack_bounds(std::uint64_t* low, std::uint64_t* high) noexcept;

pid_t thread_id() noexcept;
/// Clock of the CPU time of the calling thread, readable by others while it lives. False when there is none.
bool cpu_clock_of_this_thread(clockid_t* clock) noexcept;
std::uint64_t read_clock_ns(clockid_t clock) noexcept;
/// Sleeps about so long, or until a signal comes.
void sleep_ns(std::uint64_t nanoseconds) noexcept;

/// Every running thread of the process executes a full barrier before heavy_barrier() returns. register_ once per process first.
int register_heavy_barrier() noexcept;
void heavy_barrier() noexcept;

/// Sleeps while *word == value, at most `ns` (0: without bound).
void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t value, std::uint64_t ns) noexcept;
void futex_wake(std::atomic<std::uint32_t>& word) noexcept;

/// Starts a detached thread with all signals blocked. Returns an errno value.
int start_background_thread(void* (*main)(void*), const char* name) noexcept;
/// Sleeps end at their time, not up to 50 us later; and, where the kernel allows it, this thread is scheduled ahead of busy ones.
void make_this_thread_prompt() noexcept;

}  // namespace tenon::runtime::os
