// SPDX-License-Identifier: Apache-2.0
// Small damage to a generated program: what the verifier still accepts must still run without breaking a promise.
#pragma once

#include "ir/program.hpp"
#include "random.hpp"

namespace tenon::differential {

/// Changes one to four instructions: an operator, a register, an immediate, an offset, a width, or swaps two neighbours. Branch targets stay where
/// they are.
void mutate(ir::Parts& parts, Random& random);

}  // namespace tenon::differential
