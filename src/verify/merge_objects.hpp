// SPDX-License-Identifier: Apache-2.0
// States that hold different objects can still be merged when every difference is "held here, not held there": the object then is held conditionally,
// on a symbol that says which path was taken, and its pointers are null where they were null (design.md, decision 7). So k objects that may be held
// cost k symbols and not 2^k states. An object whose acquisition is `apart` is never merged so: an obligation failed on the merged state before.
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "verify/merge.hpp"

namespace tenon::verify {

/// How the instances of two states correspond: positions in a and in b; one of the two is empty for an object that only one state holds.
struct ObjectMatch {
  struct Pair {
    std::optional<std::size_t> a, b;
  };
  std::vector<Pair> pairs;  ///< in an order that both states agree with
};

/// Nothing when the states have to be kept apart.
std::optional<ObjectMatch> match_objects(const State& a, const State& b, const std::vector<bool>& apart);

/// Makes the states equal in shape. `which` gives the symbol that is 0 on a's path and 1 on b's.
void apply_match(State& a, State& b, const ObjectMatch& match, const std::function<Symbol()>& which, const MergeContext& context);

}  // namespace tenon::verify
