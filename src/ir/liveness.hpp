// SPDX-License-Identifier: Apache-2.0
// Which registers may still be read: a backward data-flow analysis over each function on its own.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ir/program.hpp"

namespace tenon::ir {

/// Bit i: r_i may be read before it is written again.
using RegisterSet = std::uint16_t;

/// The registers live before each instruction, by InsnIdx. exit reads r0 only in functions that return a value; a local call reads the arguments that
/// its callee reads (clang drops parameters of static functions, so the prototype does not count); a host call as many as `extern_parameters` says (by
/// index of Program::externs; 5 where the span ends), an indirect call 5. Cost: O(instructions x loop depth). Thread-safe.
std::vector<RegisterSet> live_before(const Program& program, std::span<const std::uint8_t> extern_parameters = {});

}  // namespace tenon::ir
