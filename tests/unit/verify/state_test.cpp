// SPDX-License-Identifier: Apache-2.0
#include "verify/state.hpp"

#include <gtest/gtest.h>

namespace tenon::verify {
namespace {

Linear difference(Symbol a, Symbol b) { return *Linear::of(a).plus(Linear::of(b), -1); }  // a - b

State with_ranges(Symbol symbols) {
  State state;
  state.frames.push_back({});
  for (Symbol s = 1; s <= symbols; ++s) state.set_range(s, 0, 1000);
  return state;
}

TEST(StateTest, GarbageCollectionKeepsTheLinksBetweenWhatLives) {
  State state = with_ranges(5);
  state.regs[1] = Value::of(Value::Kind::scalar, {Number(), Linear::of(1)});
  state.regs[2] = Value::of(Value::Kind::scalar, {Number(), Linear::of(3)});
  state.add_fact(difference(2, 1));  // 1 <= 2 <= 3: nothing holds 2
  state.add_fact(difference(3, 2));
  state.add_fact(difference(5, 4));  // hangs on nothing
  state.collect_garbage();
  EXPECT_TRUE(state.implied(difference(3, 1)));
  EXPECT_NE(state.range(2), nullptr);
  EXPECT_EQ(state.range(4), nullptr);
  EXPECT_EQ(state.facts.size(), 2u);
}

TEST(StateTest, TheSizeOfARegionLives) {
  State state = with_ranges(2);
  state.regions.push_back({.id = 1, .size = Linear::of(2), .pinned = true});
  state.collect_garbage();
  EXPECT_EQ(state.range(1), nullptr);
  EXPECT_NE(state.range(2), nullptr);
}

TEST(StateTest, TooManyFactsAreForgottenNotInvented) {
  State state = with_ranges(200);
  for (Symbol s = 1; s < 200; s += 2) state.add_fact(difference(s, s + 1));
  EXPECT_LT(state.facts.size(), 100u);
  EXPECT_FALSE(state.implied(difference(1, 2)));
  EXPECT_TRUE(state.implied(difference(199, 200)));
}

TEST(StateTest, AFactAboutOneSymbolBoundsIt) {
  State state = with_ranges(1);
  state.add_fact(*Linear::of(1).times(-2)->plus(7));  // 2s <= 7
  EXPECT_EQ(state.range(1)->hi, 3);
  state.add_fact(*Linear::of(1).times(3)->plus(-4));  // 3s >= 4
  EXPECT_EQ(state.range(1)->lo, 2);
}

TEST(StateTest, ANumberIsSharpenedByItsFormOnlyWithoutWrap) {
  State state = with_ranges(2);
  EXPECT_EQ(state.number_of({Number(), *Linear::of(1).plus(5)}).whole().umax(), 1005u);
  EXPECT_EQ(state.number_of({Number(), *Linear::of(1).plus(-5)}).whole().smin(), -5);
  EXPECT_EQ(state.number_of({Number(), *Linear::of(1).times(INT64_MAX)}).whole().umax(), ~0ull);
  state.set_range(2, 0, Integer{UINT64_MAX});
  EXPECT_EQ(state.number_of({Number(), *Linear::of(2).plus(5)}).whole().umin(), 0u);  // 2^64 - 1 + 5 is 4
}

TEST(StateTest, AnObjectThatIsGoneLeavesNoPointer) {
  State state = with_ranges(0);
  Value object;
  object.kind = Value::Kind::object;
  object.id = 1;
  state.instances.push_back({.id = 1, .maybe = true});
  object.nullable = true;
  state.regs[6] = object;
  state.frames[0].saved[1] = object;
  state.frames[0].stack.write(-8, 8, object);
  State null = state;
  state.kill_instance(1, Value::Loss::released, ir::InsnIdx(3));
  EXPECT_TRUE(state.instances.empty());
  for (const Value* v : state.values()) EXPECT_NE(v->kind, Value::Kind::object);
  EXPECT_EQ(state.regs[6].loss, Value::Loss::released);
  null.set_absent(1);
  EXPECT_TRUE(null.instances.empty());
  EXPECT_TRUE(null.regs[6].is_zero());
  EXPECT_TRUE(null.frames[0].stack.exact(-8, 8)->value.is_zero());
}

TEST(StateTest, ShapesDifferInWhatIsHeldAndWhere) {
  State a = with_ranges(0);
  Value object;
  object.kind = Value::Kind::object;
  object.id = 1;
  a.instances.push_back({.id = 1});
  a.regs[6] = object;
  State b = a;
  b.instances[0].id = b.regs[6].id = 9;  // names do not matter
  EXPECT_TRUE(same_shape(a, b));
  b.regs[7] = b.regs[6];
  EXPECT_FALSE(same_shape(a, b));
  b = a;
  b.instances[0].maybe = true;
  EXPECT_FALSE(same_shape(a, b));
  b = a;
  b.regs[6] = Value{};
  EXPECT_FALSE(same_shape(a, b));
  b = a;
  b.frames[0].stack.write(-8, 8, b.regs[6]);
  EXPECT_FALSE(same_shape(a, b));
}

}  // namespace
}  // namespace tenon::verify
