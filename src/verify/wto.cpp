// SPDX-License-Identifier: Apache-2.0
#include "verify/wto.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_map>

namespace tenon::verify {

namespace {

using ir::BlockIdx;

/// Tarjan's algorithm with an explicit stack, over the blocks that `inside` admits.
class Components {
 public:
  Components(const ir::Program& program, const std::vector<bool>& inside) : program_(program), inside_(inside) {}

  /// Strongly connected components that `root` reaches, in topological order.
  std::vector<std::vector<BlockIdx>> from(BlockIdx root) {
    visit(root);
    std::ranges::reverse(found_);
    return std::move(found_);
  }

 private:
  struct Visit {
    BlockIdx block;
    std::size_t next = 0;
  };

  void open(BlockIdx block) {
    number_[block] = low_[block] = ++count_;
    stack_.push_back(block);
    on_stack_[block] = true;
    path_.push_back({block});
  }

  void visit(BlockIdx root) {
    open(root);
    while (!path_.empty()) {
      Visit& visit = path_.back();
      const auto& successors = program_.block(visit.block).successors;
      if (visit.next < successors.size()) {
        const BlockIdx to = successors[visit.next++];
        if (!inside_[to.index()]) continue;
        if (!number_.contains(to)) {
          open(to);
        } else if (on_stack_[to]) {
          low_[visit.block] = std::min(low_[visit.block], number_[to]);
        }
        continue;
      }
      close(visit.block);
    }
  }

  void close(BlockIdx block) {
    path_.pop_back();
    if (!path_.empty()) low_[path_.back().block] = std::min(low_[path_.back().block], low_[block]);
    if (low_[block] != number_[block]) return;
    const auto begin = std::ranges::find(stack_, block);
    found_.emplace_back(begin, stack_.end());
    for (const BlockIdx b : found_.back()) on_stack_[b] = false;
    stack_.erase(begin, stack_.end());
  }

  const ir::Program& program_;
  const std::vector<bool>& inside_;
  std::unordered_map<BlockIdx, unsigned> number_, low_;
  std::unordered_map<BlockIdx, bool> on_stack_;
  std::vector<BlockIdx> stack_;
  std::vector<Visit> path_;
  std::vector<std::vector<BlockIdx>> found_;
  unsigned count_ = 0;
};

/// Gives up (false) on nesting deeper than kMaxLoopDepth.
bool order(const ir::Program& program, std::vector<bool> inside, const std::vector<BlockIdx>& roots, unsigned depth,
           std::vector<WtoElement>& elements) {
  if (depth > kMaxLoopDepth) return false;
  for (const BlockIdx root : roots) {
    if (!inside[root.index()]) continue;
    std::vector<WtoElement> from_root;
    for (auto& component : Components(program, inside).from(root)) {
      const BlockIdx head = component.front();  // first reached by the depth-first search
      for (const BlockIdx b : component) inside[b.index()] = false;
      const auto& successors = program.block(head).successors;
      const bool loops = component.size() > 1 || std::ranges::find(successors, head) != successors.end();
      WtoElement element{head, loops, {}, {}};
      if (loops) {
        std::vector<bool> body(program.blocks().size());
        for (const BlockIdx b : component) body[b.index()] = b != head;
        std::vector<BlockIdx> starts;  // all of the component is reached from the head, so without it from what it leads to
        for (const BlockIdx b : successors) {
          if (body[b.index()]) starts.push_back(b);
        }
        if (!order(program, std::move(body), starts, depth + 1, element.body)) return false;
        element.members = component;
        std::ranges::sort(element.members);
      }
      from_root.push_back(std::move(element));
    }
    // A later root can only lead into what earlier roots did not reach, so it comes first in topological order.
    elements.insert(elements.begin(), std::make_move_iterator(from_root.begin()), std::make_move_iterator(from_root.end()));
  }
  return true;
}

}  // namespace

std::optional<std::vector<WtoElement>> weak_topological_order(const ir::Program& program, ir::FunctionIdx function) {
  std::vector<bool> inside(program.blocks().size());
  for (std::size_t b = 0; b < inside.size(); ++b) inside[b] = program.blocks()[b].function == function;
  std::vector<WtoElement> elements;
  if (!order(program, std::move(inside), {program.entry_block(function)}, 0, elements)) return std::nullopt;
  return elements;
}

}  // namespace tenon::verify
