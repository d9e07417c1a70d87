// SPDX-License-Identifier: Apache-2.0
// What the interpreter knows about frames: bounds, private and heap parts, which bytes were written.
#include "interp/frames.hpp"

#include <gtest/gtest.h>

namespace tenon::interp {
namespace {

constexpr std::uint64_t kTop = 0x10000, kLimit = kTop - 64;

verify::FunctionFacts private_frame(std::uint32_t bytes) { return {.reachable = true, .frame_bytes = bytes}; }

/// Bytes r10-1 to r10-8 private, the rest in the heap.
verify::FunctionFacts mixed_frame() {
  verify::FunctionFacts facts{.reachable = true, .frame_bytes = 24, .heap_frame = true};
  facts.private_bytes.assign(24, false);
  std::fill_n(facts.private_bytes.begin(), 8, true);
  return facts;
}

bool push(FrameStack& stack, const verify::FunctionFacts& facts) { return stack.push(ir::FunctionIdx(0u), facts, ir::InsnIdx(0u), {}); }

TEST(Frames, AccessesMustLieInside) {
  FrameStack stack(kTop, kLimit, 4);
  const auto facts = private_frame(16);
  ASSERT_TRUE(push(stack, facts));
  const std::uint64_t r10 = stack.top().frame_pointer();
  EXPECT_TRUE(stack.find(r10 - 16, 16));
  EXPECT_TRUE(stack.find(r10 - 1, 1));
  EXPECT_FALSE(stack.find(r10, 1));
  EXPECT_FALSE(stack.find(r10 - 1, 2));
  EXPECT_FALSE(stack.find(r10 - 17, 1));
  EXPECT_FALSE(stack.find(r10 - 20, 8));
}

TEST(Frames, RememberWhichBytesWereWritten) {
  FrameStack stack(kTop, kLimit, 4);
  const auto facts = private_frame(16);
  push(stack, facts);
  const std::uint64_t r10 = stack.top().frame_pointer();
  stack.find(r10 - 12, 4)->mark_written();
  EXPECT_TRUE(stack.find(r10 - 12, 4)->all_written());
  EXPECT_TRUE(stack.find(r10 - 9, 1)->all_written());
  EXPECT_FALSE(stack.find(r10 - 13, 4)->all_written());
  EXPECT_FALSE(stack.find(r10 - 12, 5)->all_written());
}

TEST(Frames, PrivateAndHeapPartsAreApart) {
  FrameStack stack(kTop, kLimit, 4);
  const auto facts = mixed_frame();
  push(stack, facts);
  EXPECT_EQ(stack.top().frame_pointer(), kTop);
  EXPECT_TRUE(stack.find(kTop - 8, 8)->all_private());
  EXPECT_TRUE(stack.find(kTop - 24, 16)->none_private());
  EXPECT_FALSE(stack.find(kTop - 12, 8)->all_private());
  EXPECT_FALSE(stack.find(kTop - 12, 8)->none_private());
  EXPECT_EQ(stack.find(kTop - 8, 8)->private_address(), stack.top().private_top() - 8);
}

TEST(Frames, HeapSideStackIsLimitedAlignedAndGivenBack) {
  FrameStack stack(kTop, kLimit, 8);
  const auto facts = mixed_frame();  // 24 bytes take 32
  EXPECT_TRUE(push(stack, facts));
  EXPECT_TRUE(push(stack, facts));
  EXPECT_EQ(stack.top().frame_pointer(), kTop - 32);
  EXPECT_FALSE(push(stack, facts));
  stack.pop();
  EXPECT_TRUE(push(stack, facts));
}

TEST(Frames, CallersFramesStayVisibleUntilTheyReturn) {
  FrameStack stack(kTop, kLimit, 2);
  const auto facts = private_frame(8);
  push(stack, facts);
  const std::uint64_t outer = stack.top().frame_pointer();
  push(stack, facts);
  const std::uint64_t inner = stack.top().frame_pointer();
  EXPECT_TRUE(stack.find(outer - 8, 8));
  EXPECT_FALSE(push(stack, facts));  // the depth limit
  stack.pop();
  EXPECT_FALSE(stack.find(inner - 8, 8));
}

}  // namespace
}  // namespace tenon::interp
