// SPDX-License-Identifier: Apache-2.0
// What the runtime does once per process: the signal handlers, the barrier, what fork means. The only mutable global state besides the thread slots; the
// handlers need it and cannot be given an argument.
#pragma once

#include <cstdint>

#include <tenon/result.hpp>

namespace tenon::runtime {

/// At the first install. Errors: E0602. Thread-safe.
Result<void> set_up_process();

/// True in the child of a fork: it must not run extensions (soundness.md, rule 15).
bool is_forked_child() noexcept;

/// The real-time signal that stops an invocation.
int cancel_signal() noexcept;

}  // namespace tenon::runtime
