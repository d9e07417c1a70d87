// SPDX-License-Identifier: Apache-2.0
// Runs a program one machine instruction at a time (the processor's trap flag) and ends it at a chosen one: in compiled code, in a thunk, in the runtime or
// in a host function, wherever that instruction is.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <utility>

#include <tenon/engine.hpp>

namespace tenon::torture {

/// A program counter and what was held when it was about to execute there. Compiled code by its offset, so that runs agree.
using Instant = std::pair<std::uint64_t, std::uint64_t>;

struct Stepped {
  Outcome outcome;
  std::uint64_t steps = 0;       ///< from the first instruction of the invocation to the last
  bool cancelled = false;        ///< the chosen step was reached
  std::set<Instant> instants;    ///< in compiled code and thunks
  Instant chosen{};              ///< where the chosen step was, if in compiled code or a thunk
  bool chosen_is_ours = false;
};

/// `at`: the step before which the invocation is marked as the watchdog would mark it, 1 is the first; 0: never. Not thread-safe.
Stepped run_stepped(const Program& program, const std::array<std::uint64_t, 2>& arguments, std::uint64_t at, bool collect);

}  // namespace tenon::torture
