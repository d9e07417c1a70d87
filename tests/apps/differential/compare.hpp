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
    rejected,   ///< the verifier said no
    too_long,   ///< the interpreter's budget ran out: nothing to compare
    returned, thrown, cancelled,  ///< ran, and both agree
    differs,
  };
  Kind kind = Kind::rejected;
  std::string reason;  ///< rejected: the diagnostic's code; cancelled: the cause; differs: what differs
};

/// Installed programs and heaps are made anew each time. Needs a thread of its own per Host.
Verdict compare(ir::Program program, const Interface& interface, std::uint64_t host_seed);

}  // namespace tenon::differential
