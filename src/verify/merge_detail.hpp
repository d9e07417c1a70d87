// SPDX-License-Identifier: Apache-2.0
// What the join of two states and the head of a loop share.
#pragma once

#include "verify/merge.hpp"

namespace tenon::verify::detail {

/// Gives b's instances and scopes the names of a's, by position. Conditions that differ are forgotten in both. True when a changed.
bool unify_objects(State& a, State& b);
void unite(std::vector<InstanceId>& owners, const std::vector<InstanceId>& more);
void align_frames(State& a, State& b);
bool has_scalar(const Value& v);
bool same_target(const Value& a, const Value& b);
bool known_in(const State& state, const Linear& form);
bool may_become_nullable(const State& state, const Value& pointer, const Value& other);
/// What is left of two values that have nothing in common; a scalar result still needs its number.
Value incompatible(const Value& a, const Value& b, const State& state, const MergeContext& context);

}  // namespace tenon::verify::detail
