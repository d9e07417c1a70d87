// SPDX-License-Identifier: Apache-2.0
// The weak topological order of a function's blocks: nested loops, each with a head (Bourdoncle, "Efficient chaotic iteration strategies with
// widenings", FMPA '93). Handles irreducible flow: a component may also be entered past its head.
#pragma once

#include <optional>
#include <vector>

#include "ir/program.hpp"

namespace tenon::verify {

struct WtoElement {
  ir::BlockIdx block;  ///< the vertex, or the head of a component
  bool is_component = false;
  std::vector<WtoElement> body;       ///< of a component, without its head
  std::vector<ir::BlockIdx> members;  ///< of a component: all its blocks, the head included, sorted
};

inline constexpr unsigned kMaxLoopDepth = 32;

/// Nothing when loops nest deeper than kMaxLoopDepth. Cost: O(edges x nesting depth).
std::optional<std::vector<WtoElement>> weak_topological_order(const ir::Program& program, ir::FunctionIdx function);

}  // namespace tenon::verify
