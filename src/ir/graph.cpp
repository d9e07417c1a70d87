// SPDX-License-Identifier: Apache-2.0
#include "ir/graph.hpp"

#include <algorithm>
#include <optional>

namespace tenon::ir {
namespace {

/// How an instruction hands on control.
struct Flow {
  bool ends_block = false;
  bool falls_through = true;
  std::optional<isa::Target> target;
};

Flow flow_of(const isa::Insn& insn) {
  return std::visit(isa::Overloaded{
                        [](const isa::Jump& i) { return Flow{true, false, i.target}; },
                        [](const isa::Branch& i) { return Flow{true, true, i.target}; },
                        [](const isa::MayGoto& i) { return Flow{true, true, i.target}; },
                        [](const isa::Exit&) { return Flow{true, false, {}}; },
                        [](const auto&) { return Flow{}; },
                    },
                    insn);
}

std::vector<bool> block_starts(const Parts& parts) {
  std::vector<bool> starts(parts.insns.size() + 1, false);
  for (const Function& function : parts.functions) starts[function.begin.index()] = true;
  for (std::size_t i = 0; i < parts.insns.size(); ++i) {
    const Flow flow = flow_of(parts.insns[i]);
    if (flow.ends_block) starts[i + 1] = true;
    if (flow.target) starts[*flow.target] = true;
  }
  return starts;
}

void cut_blocks(const Parts& parts, Graph& graph) {
  const std::vector<bool> starts = block_starts(parts);
  std::size_t function = 0;
  graph.block_of.reserve(parts.insns.size());
  for (std::size_t i = 0; i < parts.insns.size(); ++i) {
    if (i == parts.functions[function].end.index()) ++function;
    if (starts[i]) graph.blocks.push_back({.begin = InsnIdx(i), .end = InsnIdx(i), .function = FunctionIdx(function)});
    graph.blocks.back().end = InsnIdx(i + 1);
    graph.block_of.emplace_back(graph.blocks.size() - 1);
  }
}

void connect(const Parts& parts, Graph& graph) {
  for (std::size_t b = 0; b < graph.blocks.size(); ++b) {
    Block& block = graph.blocks[b];
    const Flow flow = flow_of(parts.insns[block.end.index() - 1]);
    const bool at_end = block.end == parts.functions[block.function.index()].end;  // after a call that must not return
    if (flow.falls_through && !at_end) block.successors.push_back(graph.block_of[block.end.index()]);
    if (flow.target) block.successors.push_back(graph.block_of[*flow.target]);
    for (const BlockIdx successor : block.successors) graph.blocks[successor.index()].predecessors.emplace_back(b);
  }
}

}  // namespace

Graph build_graph(const Parts& parts) {
  Graph graph;
  cut_blocks(parts, graph);
  connect(parts, graph);
  return graph;
}

std::vector<BlockIdx> reverse_post_order(const Program& program, FunctionIdx function) {
  struct Visit {
    BlockIdx block;
    std::size_t next_successor;
  };
  std::vector<bool> seen(program.blocks().size(), false);
  std::vector<BlockIdx> order;
  std::vector<Visit> stack{{program.entry_block(function), 0}};
  seen[stack.back().block.index()] = true;
  while (!stack.empty()) {
    Visit& top = stack.back();
    const Block& block = program.block(top.block);
    if (top.next_successor == block.successors.size()) {
      order.push_back(top.block);
      stack.pop_back();
      continue;
    }
    const BlockIdx successor = block.successors[top.next_successor++];
    if (seen[successor.index()]) continue;
    seen[successor.index()] = true;
    stack.push_back({successor, 0});
  }
  std::reverse(order.begin(), order.end());
  return order;
}

}  // namespace tenon::ir
