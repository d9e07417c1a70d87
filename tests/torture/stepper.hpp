// SPDX-License-Identifier: Apache-2.0
// Runs a program one machine instruction at a time (the processor's trap flag) and ends it at a chosen one: in compiled code, in a thunk, in the runtime or
// in a host function, wherever that instruction is.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include <tenon/engine.hpp>

namespace tenon::torture {

/// A program counter and what was held when it was about to execute there. Compiled code by its offset, so that runs agree.
using Instant = std::pair<std::uint64_t, std::uint64_t>;

/// The first time that the instant comes after the entry of the n-th host function (0: from the start). Up to there a run need not be stepped.
struct Target {
  Instant instant;
  std::uint64_t host_call = 0;
};

struct Recording {
  Outcome outcome;
  std::uint64_t steps = 0;           ///< from the first instruction of the invocation to the last
  std::map<Instant, std::uint64_t> instants;  ///< each distinct one, and after which host call it came first
  std::set<Instant> ours;            ///< of those, in compiled code and thunks
};
Recording record(const Program& program, const std::array<std::uint64_t, 2>& arguments);

struct Cancelled {
  Outcome outcome;
  bool happened = false;  ///< the instant was reached
};
/// Marks the invocation at that instant as the watchdog would mark it. Neither is thread-safe.
Cancelled run_and_cancel(const Program& program, const std::array<std::uint64_t, 2>& arguments, const Target& target);

/// Runs it and calls `visit`, from a signal handler, before its n-th instruction, counted from the caller's; false: it has fewer.
struct Visited {
  Outcome outcome;
  bool happened = false;
};
Visited run_and_visit(const Program& program, std::uint64_t argument, std::uint64_t step, const std::function<void()>& visit);

/// Each host function calls this first.
void host_function_begins();

}  // namespace tenon::torture
