// SPDX-License-Identifier: Apache-2.0
// A bug of ours aborts, in every build: it must never read as "rejected" or "accepted".
#pragma once

#include <source_location>
#include <string_view>

namespace tenon::base {

/// Prints file:line and `what` to standard error, then aborts. Signal-safe.
[[noreturn]] void bug(std::string_view what, std::source_location where = std::source_location::current()) noexcept;

/// An invariant of ours, checked in every build.
inline void ensure(bool holds, std::string_view what, std::source_location where = std::source_location::current()) noexcept {
  if (!holds) [[unlikely]] bug(what, where);
}

}  // namespace tenon::base
