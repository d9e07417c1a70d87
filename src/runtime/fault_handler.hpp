// SPDX-License-Identifier: Apache-2.0
// SIGSEGV, SIGBUS and the cancel signal. Everything here is signal-safe; handlers only edit the interrupted context and return (soundness.md, rule 15).
#pragma once

#include <cstdint>

namespace tenon::runtime {

/// Installs the three handlers; those that were there are called for every fault that is not an extension's. Returns an errno value. Call once.
int install_fault_handlers(int cancel_signal) noexcept;

/// True for addresses of thunks.S: there the cancel signal defers. Signal-safe.
bool is_thunk(std::uint64_t pc) noexcept;

}  // namespace tenon::runtime
