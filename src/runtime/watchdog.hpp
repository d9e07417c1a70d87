// SPDX-License-Identifier: Apache-2.0
// Ends invocations that used more CPU time than their quantum (soundness.md, rules 12, 13).
#pragma once

#include <cstdint>

#include <tenon/result.hpp>

namespace tenon::runtime {

/// Counts a program with this quantum (> 0); starts the watchdog's thread at the first. Errors: E0602. Thread-safe.
Result<void> watch_quantum(std::uint64_t quantum_ns);
/// Undoes one watch_quantum().
void unwatch_quantum(std::uint64_t quantum_ns) noexcept;

}  // namespace tenon::runtime
