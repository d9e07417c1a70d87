// SPDX-License-Identifier: Apache-2.0
// Giving back what the record says is held, newest first: objects, locks and modes to the host, cleanups to the extension's own functions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/thread_slot.hpp"

namespace tenon::runtime {

/// CPU time of one cleanup that runs after its invocation has ended.
inline constexpr std::uint64_t kCleanupNs = 1'000'000;

/// The invocation has ended, somehow: everything, each cleanup with a quantum of its own; what runs after one, too. Each entry leaves the record before it is given back.
/// Level::failed_cleanups counts those that were themselves cancelled. State releasing, and again afterwards.
void release_all(Level& level) noexcept;

/// A program that has returned holds nothing but cleanups, which run now; how many of them were themselves cancelled. State releasing afterwards.
std::uint32_t clean_up(Level& level) noexcept;

/// A call that catches goes on: what was acquired since its mark, and the mark. Stops early when the invocation must end; what is left then is
/// release_all's. State host, and again afterwards.
void release_to_mark(Level& level) noexcept;

/// The body of a call that catches has returned: its cleanups run, what it holds stays. As release_to_mark otherwise.
void close_mark(Level& level) noexcept;

/// The end of a variable's scope: its destructor leaves the record and runs, in the invocation's own quantum. One that is not in the record has run, or was
/// never asked for: then nothing happens. When the invocation must end the destructor is left to release_all. State host, and again afterwards.
void run_destructor(Level& level, std::uint64_t address) noexcept;

/// Runs a function of the program, unless the invocation must end. A null function ends it.
std::optional<std::uint64_t> call_function(Level& level, const void* function, const Registers& arguments) noexcept;

}  // namespace tenon::runtime
