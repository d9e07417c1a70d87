// SPDX-License-Identifier: Apache-2.0
// Integers in which sums and products of 64-bit ones are exact, and what <bit> lacks. Requires: a compiler with __int128.
#pragma once

#include <bit>
#include <cstdint>

namespace tenon::base {

using i128 = __int128;
using u128 = unsigned __int128;

/// The highest bit of `v` and all below it.
constexpr std::uint64_t fill_right(std::uint64_t v) { return v == 0 ? 0 : ~0ull >> std::countl_zero(v); }

}  // namespace tenon::base
