// SPDX-License-Identifier: Apache-2.0
// The built-ins that work on locks in the heap, as a running invocation calls them. What they take is in the record of held objects, so that a cancelled
// invocation gives it back in order with everything else.
#pragma once

#include <string_view>

#include "runtime/builtins.hpp"
#include "runtime/site.hpp"

namespace tenon::runtime {

/// Null for a name that is none of them.
BuiltinFunction find_lock_builtin(std::string_view name);

/// As the thunk calls one: on the current level, without what other host calls need.
extern "C" __attribute__((visibility("hidden"))) std::uint64_t tenon_lock_call(std::uint64_t r1, std::uint64_t r2, std::uint64_t r3, std::uint64_t r4,
                                                                              std::uint64_t r5, const Site* site) noexcept;

}  // namespace tenon::runtime
