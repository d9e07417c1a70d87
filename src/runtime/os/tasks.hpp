// SPDX-License-Identifier: Apache-2.0
// Threads of any process, by number. A number is used again after its thread has gone; with the time of its start it is not.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace tenon::runtime::os {

/// Low bits of the calling thread's start in clock ticks, never 0; 0 when the system does not say (no /proc).
std::uint16_t start_of_this_thread() noexcept;

/// True when it is certain that no thread of that number and start lives: it is gone, a zombie, or began at another time. `start` 0: any.
/// Requires: it was seen from the same pid namespace. Cost: some microseconds.
bool is_task_dead(pid_t thread, std::uint16_t start) noexcept;

/// A live thread of this process.
bool is_thread_of_this_process(pid_t thread) noexcept;

}  // namespace tenon::runtime::os
