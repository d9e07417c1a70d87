// SPDX-License-Identifier: Apache-2.0
// A host call with everything checked and recorded; shared by the native thunk and the interpreter's HostSession.
#pragma once

#include <cstdint>

#include "runtime/builtins.hpp"
#include "runtime/site.hpp"
#include "runtime/thread_slot.hpp"

namespace tenon::runtime {

/// Checks memory arguments, keeps the record of held objects, calls. Level::pending says whether the invocation must end. Runs in state host.
std::uint64_t checked_call(Level& level, const Site& site, const Registers& registers) noexcept;

extern "C" {
/// As the thunk calls it: on the current level. Host stack, same thread.
__attribute__((visibility("hidden"))) std::uint64_t tenon_checked_call(std::uint64_t r1, std::uint64_t r2, std::uint64_t r3, std::uint64_t r4,
                                                                       std::uint64_t r5, const Site* site) noexcept;
/// thunks.S: the two most frequent shapes, without the rest: only a result to be recorded, and the first argument to be taken out of the record.
__attribute__((visibility("hidden"))) void tenon_acquire_call() noexcept;
__attribute__((visibility("hidden"))) void tenon_release_call() noexcept;
__attribute__((visibility("hidden"))) void tenon_acquired_nothing(const Site* site) noexcept;
}

}  // namespace tenon::runtime
