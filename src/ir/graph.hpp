// SPDX-License-Identifier: Apache-2.0
// The control-flow graph of linked instructions, and the order in which data-flow analyses visit it.
#pragma once

#include <vector>

#include "ir/program.hpp"

namespace tenon::ir {

struct Graph {
  std::vector<Block> blocks;       ///< in order of their instructions
  std::vector<BlockIdx> block_of;  ///< by instruction
};

/// Requires: `parts` passed the checks of link(). Cost: O(instructions).
Graph build_graph(const Parts& parts);

/// The blocks of `function` that its entry reaches, each before its successors except along back edges; the entry first. Cost: O(edges).
std::vector<BlockIdx> reverse_post_order(const Program& program, FunctionIdx function);

}  // namespace tenon::ir
