// SPDX-License-Identifier: Apache-2.0
// Integers in which sums and products of 64-bit ones are exact. Requires: a compiler with __int128.
#pragma once

namespace tenon::base {

using i128 = __int128;
using u128 = unsigned __int128;

}  // namespace tenon::base
