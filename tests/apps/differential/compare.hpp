// SPDX-License-Identifier: Apache-2.0
// One program, run by the interpreter and as native code from the same heap, context and host state; what each did, and where they differ.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <tenon/interface.hpp>

#include "ir/program.hpp"

namespace tenon::differential {

struct Verdict {
  enum class Kind : std::uint8_t {
    rejected,  ///< the verifier said no
    too_long,  ///< the interpreter's budget ran out: nothing to compare
    returned,
    thrown,
    cancelled,  ///< ran, and both agree
    differs,
  };
  Kind kind = Kind::rejected;
  std::string reason;  ///< rejected: the diagnostic's code; cancelled: the cause; differs: what differs
};

/// Programs and heaps are made anew each time; the host state is this thread's. `interpreter_only` leaves the native run out: what is left is the
/// interpreter's check of every promise that the verifier made, many times faster.
Verdict compare(ir::Program program, const Interface& interface, std::uint64_t host_seed, bool interpreter_only = false);

}  // namespace tenon::differential
