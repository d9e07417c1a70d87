// SPDX-License-Identifier: Apache-2.0
#include "verify/stack.hpp"

#include <gtest/gtest.h>

namespace tenon::verify {
namespace {

Value pointer() { return Value::of(Value::Kind::memory, {}, 1); }

TEST(StackTest, RemembersExactPlaces) {
  Stack stack;
  stack.write(-8, 8, Value::constant(7));
  ASSERT_NE(stack.exact(-8, 8), nullptr);
  EXPECT_EQ(stack.exact(-8, 8)->value.scalar.number.constant_value(), 7u);
  EXPECT_EQ(stack.exact(-8, 4), nullptr);
  EXPECT_EQ(stack.exact(-4, 4), nullptr);
  EXPECT_TRUE(stack.initialised(-8, 8));
  EXPECT_TRUE(stack.initialised(-5, 2));
  EXPECT_FALSE(stack.initialised(-9, 2));
  EXPECT_FALSE(stack.initialised(-16, 8));
}

TEST(StackTest, AnOverlappingWriteForgets) {
  Stack numbers;
  numbers.write(-8, 8, Value::constant(7));
  numbers.write(-6, 2, Value::constant(1));
  EXPECT_EQ(numbers.exact(-8, 8), nullptr);
  EXPECT_TRUE(numbers.initialised(-8, 8));

  Stack pointers;  // what is left of a pointer is no number
  pointers.write(-8, 8, pointer());
  pointers.write(-6, 2, Value::constant(1));
  EXPECT_EQ(pointers.pointer_in(-8, 8), nullptr);
  EXPECT_FALSE(pointers.initialised(-8, 1));
  EXPECT_TRUE(pointers.initialised(-6, 2));
  EXPECT_FALSE(pointers.initialised(-4, 1));
}

TEST(StackTest, AWriteSomewhereInitialisesNothing) {
  Stack stack;
  stack.write(-8, 8, pointer());
  stack.write(-16, 8, Value::constant(7));
  stack.write_somewhere(-24, -8, 4);
  EXPECT_EQ(stack.exact(-8, 8), nullptr);
  EXPECT_EQ(stack.exact(-16, 8), nullptr);
  EXPECT_FALSE(stack.initialised(-8, 1));
  EXPECT_TRUE(stack.initialised(-16, 8));
  EXPECT_FALSE(stack.initialised(-24, 1));
}

TEST(StackTest, AWriteSomewhereEndsWhereItsLastOneEnds) {
  Stack stack;
  stack.write(-8, 4, Value::constant(1));
  stack.write(-4, 4, Value::constant(2));
  stack.write_somewhere(-16, -12, 4);
  EXPECT_NE(stack.exact(-8, 4), nullptr);
  stack.write_somewhere(-16, -11, 4);  // up to byte -8
  EXPECT_EQ(stack.exact(-8, 4), nullptr);
  EXPECT_NE(stack.exact(-4, 4), nullptr);
}

TEST(StackTest, HostCodeFills) {
  Stack stack;
  stack.write(-8, 8, pointer());
  stack.fill(-12, 6);
  EXPECT_TRUE(stack.initialised(-12, 6));
  EXPECT_FALSE(stack.initialised(-6, 1));  // a rest of the pointer
  stack.fill(-20, 0);
  EXPECT_FALSE(stack.initialised(-20, 1));
}

TEST(StackTest, FindsPointersBetweenOffsets) {
  Stack stack;
  stack.write(-16, 8, pointer());
  EXPECT_EQ(stack.pointer_in(-24, 8), nullptr);
  EXPECT_NE(stack.pointer_in(-24, 9), nullptr);
  EXPECT_NE(stack.pointer_in(-9, 1), nullptr);
  EXPECT_EQ(stack.pointer_in(-8, 8), nullptr);
}

TEST(StackTest, AligningKeepsWhatBothKnow) {
  Stack a, b;
  a.write(-8, 8, Value::constant(1));
  b.write(-8, 8, Value::constant(2));
  a.write(-16, 8, Value::constant(3));
  b.write(-16, 4, Value::constant(4));
  b.write(-12, 4, Value::constant(5));
  a.write(-24, 8, pointer());
  b.write(-24, 8, Value::constant(6));
  a.write(-32, 8, pointer());
  a.write(-40, 8, Value::constant(9));
  Stack::align(a, b);
  for (const Stack* s : {&a, &b}) {
    EXPECT_NE(s->exact(-8, 8), nullptr);
    EXPECT_EQ(s->exact(-16, 8), nullptr);
    EXPECT_EQ(s->exact(-16, 4), nullptr);
    EXPECT_TRUE(s->initialised(-16, 8));
    EXPECT_NE(s->exact(-24, 8), nullptr);  // the same place with different values: whoever merges them decides
    EXPECT_EQ(s->exact(-32, 8), nullptr);
    EXPECT_FALSE(s->initialised(-32, 1));
    EXPECT_FALSE(s->initialised(-40, 1));
  }
  EXPECT_TRUE(a.same_bytes(b));
}

}  // namespace
}  // namespace tenon::verify
