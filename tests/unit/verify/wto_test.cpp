// SPDX-License-Identifier: Apache-2.0
// The order in which blocks are visited: whatever the graph, each edge leads forward or to the head of a component around both of its ends.
#include "verify/wto.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "support/assembler.hpp"

namespace tenon::test {
namespace {

using verify::WtoElement;

struct Layout {
  std::map<ir::BlockIdx, int> position;
  std::map<ir::BlockIdx, std::set<ir::BlockIdx>> around;  ///< heads of the components that hold the block
  std::map<ir::BlockIdx, std::set<ir::BlockIdx>> members;
};

void lay_out(const std::vector<WtoElement>& elements, std::set<ir::BlockIdx> heads, Layout& layout) {
  for (const WtoElement& element : elements) {
    ASSERT_TRUE(layout.position.emplace(element.block, static_cast<int>(layout.position.size())).second);
    std::set<ir::BlockIdx> inside = heads;
    if (element.is_component) {
      inside.insert(element.block);
      layout.members[element.block] = {element.members.begin(), element.members.end()};
    }
    layout.around[element.block] = inside;
    lay_out(element.body, inside, layout);
  }
}

void check(const ir::Program& program, const std::string& text) {
  const auto order = verify::weak_topological_order(program, ir::FunctionIdx(0));
  ASSERT_TRUE(order) << text;
  Layout layout;
  lay_out(*order, {}, layout);
  for (const auto& [block, position] : layout.position) {
    for (const ir::BlockIdx to : program.block(block).successors) {
      ASSERT_TRUE(layout.position.contains(to)) << text;
      const bool back = layout.around[block].contains(to);
      EXPECT_TRUE(back || position < layout.position[to]) << text << "\nedge " << block.value << " -> " << to.value;
    }
    for (const ir::BlockIdx head : layout.around[block]) EXPECT_TRUE(layout.members[head].contains(block)) << text;
  }
  for (const auto& [head, members] : layout.members) {
    for (const ir::BlockIdx member : members) EXPECT_TRUE(layout.around[member].contains(head)) << text;
  }
}

TEST(WtoTest, RandomGraphs) {
  std::mt19937_64 random(9);
  for (int run = 0; run < 3000; ++run) {
    const unsigned blocks = 2 + static_cast<unsigned>(random() % 12);
    std::string text = "r0 = 0; ";
    for (unsigned b = 0; b < blocks; ++b) {
      text += fmt::format("l{}:; ", b);
      const std::uint64_t first = random() % blocks, second = random() % blocks;
      switch (random() % 4) {
        case 0:
          text += fmt::format("goto l{}; ", first);
          break;
        case 1:
          text += fmt::format("if r1 == {} goto l{}; goto l{}; ", b, first, second);
          break;
        default:
          text += fmt::format("if r1 == {} goto l{}; ", b, first);
          break;
      }
    }
    text += "exit";
    check(assemble_program(text), text);
  }
}

TEST(WtoTest, ALoopEnteredTwice) {
  const std::string text = "r0 = 0; if r1 == 0 goto b; a:; r0 += 1; goto b; b:; r0 += 2; if r0 < 9 goto a; exit";
  check(assemble_program(text), text);
}

TEST(WtoTest, GivesUpOnAbsurdNesting) {
  std::string text = "r0 = 0; ";
  const unsigned depth = verify::kMaxLoopDepth + 2;
  for (unsigned i = 0; i < depth; ++i) text += fmt::format("l{}:; r0 += 1; ", i);
  for (unsigned i = depth; i-- > 0;) text += fmt::format("if r1 == {} goto l{}; ", i, i);
  text += "exit";
  EXPECT_FALSE(verify::weak_topological_order(assemble_program(text), ir::FunctionIdx(0)));
}

}  // namespace
}  // namespace tenon::test
