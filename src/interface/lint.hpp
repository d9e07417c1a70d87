// SPDX-License-Identifier: Apache-2.0
// What a .tni file says that is well formed and cannot be meant.
#pragma once

#include "interface/declarations.hpp"

namespace tenon::interface {

/// E0520 to E0528, in the order of the declarations; empty when there is nothing to say. Thread-safe.
Diagnostics lint(const Declarations& declarations);

}  // namespace tenon::interface
