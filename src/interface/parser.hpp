// SPDX-License-Identifier: Apache-2.0
// Recursive descent over the tokens of one .tni text. Adds to what `declarations` already holds.
#pragma once

#include <tenon/result.hpp>

#include "interface/declarations.hpp"
#include "interface/lexer.hpp"

namespace tenon::interface {

/// Errors: E0501 to E0510. `builtin` marks the functions it declares.
Result<void> parse_into(Declarations& declarations, const Source& source, bool builtin);

}  // namespace tenon::interface
