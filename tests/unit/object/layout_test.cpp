// SPDX-License-Identifier: Apache-2.0
// What objects say about their memory, and when one may take over another's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "object/layout.hpp"
#include "object/object_data.hpp"
#include "unit/object/compile.hpp"

namespace tenon::object {
namespace {

using testing::HasSubstr;

Layout layout_for(const std::string& source, const std::string& options = "-mcpu=v4 -O2 -g -fno-builtin") {
  const auto object = read(test::compile(source, options), "test.o");
  if (!object) throw std::runtime_error(to_text(object.error()));
  return layout_of(*object);
}
const LayoutPart& part(const Layout& layout, std::string_view name) {
  for (const LayoutPart& one : layout.parts) {
    if (one.variable == name) return one;
  }
  throw std::runtime_error("no variable " + std::string(name));
}

TEST(Layout, SaysWhatIsReached) {
  const Layout layout = layout_for(R"(
    struct tree { struct tree *children[2]; union { u64 number; char text[8]; }; u32 color : 3, depth : 5; u64 (*visit)(u64); };
    typedef struct { struct tree root; } forest_t;
    const volatile u32 limit = 4; static u64 calls; forest_t forest; struct tree *top = &forest.root;
    SEC("raw") u64 f(u64 *c) { calls++; return (u64)top + limit + forest.root.color; }
  )");
  EXPECT_EQ(layout.problem, "");
  EXPECT_EQ(part(layout, "calls").type, "u64");
  EXPECT_EQ(part(layout, "top").type, "struct tree *");
  EXPECT_EQ(part(layout, "forest").type, "struct { root: struct tree @0; 40 bytes }");
  EXPECT_EQ(part(layout, "forest").bytes, 40u);
  EXPECT_EQ(layout.types.at("struct tree"),
            "children: struct tree *[2] @0; : union { number: u64 @0; text: s8[8] @0; 8 bytes } @16; color: u32 @24.0:3; depth: u32 @24.3:5; visit: "
            "function * @32; 40 bytes");
}

TEST(Layout, WhatNobodyDescribesCannotBeTakenOver) {
  const std::string source = "u64 n; SEC(\"raw\") u64 f(u64 *c) { return n++; }";
  EXPECT_THAT(layout_for(source, "-mcpu=v4 -O2").problem, HasSubstr("no debug information"));
  EXPECT_EQ(layout_for("SEC(\"raw\") u64 f(u64 *c) { return 1; }", "-mcpu=v4 -O2").problem, "") << "it has no memory to describe";
  const auto refused = place(layout_for(source, "-mcpu=v4 -O2"), layout_for(source));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().front().code, "E0611");
}

/// clang keeps static variables in fewer bytes, or field by field, where it sees all uses: another version may keep them in another way.
TEST(Layout, WhatTheCompilerTookApart) {
  const std::string rest = " SEC(\"raw\") u64 f(u64 *c) { if (c[0]) flag = 5; s.a++; s.b += c[1]; return (flag ? 1 : 2) + s.a + s.b; }";
  const Layout apart = layout_for("static u64 flag; static struct { u64 a, b; } s;" + rest);
  const Layout whole = layout_for("u64 flag; struct { u64 a, b; } s;" + rest);
  ASSERT_EQ(apart.problem, "");
  EXPECT_TRUE(place(apart, apart));
  const auto refused = place(apart, whole);
  ASSERT_FALSE(refused);
  const std::string text = to_text(refused.error());
  EXPECT_THAT(text, HasSubstr("'flag': was u64 of 1 bytes, is u64 of 8 bytes"));
  EXPECT_THAT(text, HasSubstr("'s': was kept as 's.0', one of the parts that the compiler made, is kept as 's'"));
  EXPECT_FALSE(place(whole, apart));
}

TEST(Layout, KeepsWhatIsThereAndPlacesTheRest) {
  const Layout old = layout_for("u64 a, b[3]; SEC(\"raw\") u64 f(u64 *c) { return a++ + b[1]++; }");
  const Layout now = layout_for("char first; u64 b[3]; u64 *p = &b[3]; SEC(\"raw\") u64 f(u64 *c) { return first++ + b[1]++ + (u64)p; }");
  auto placement = place(old, now);
  ASSERT_TRUE(placement);
  placement->put_fresh(1 << 20);
  for (const LayoutPart& one : placement->parts) {
    EXPECT_EQ(one.is_kept, one.variable == "b");
    if (one.variable == "b") {
      EXPECT_EQ(one.at, part(old, "b").at);
    } else {
      EXPECT_GE(one.at, 1u << 20);
    }
    EXPECT_EQ(one.at % one.align, 0u);
  }
  const Layout both = combine(old, now, *placement, {});
  EXPECT_EQ(part(both, "a").at, part(old, "a").at) << "still known";
  EXPECT_EQ(both.parts.size(), 4u);
}

TEST(Layout, AnObjectThatIsPlacedRefersToWhereItsGlobalsAre) {
  const std::string source = "u64 a = 5; u64 b[3]; u64 *end = &b[3]; SEC(\"raw\") u64 f(u64 *c) { return a++ + b[1]++ + (u64)end; }";
  const auto bytes = test::compile(source, "-mcpu=v4 -O2 -g -fno-builtin");
  const auto object = read(bytes, "test.o");
  ASSERT_TRUE(object);
  Layout old = layout_of(*object);
  std::erase_if(old.parts, [](const LayoutPart& one) { return one.variable == "end"; });
  auto placement = place(old, layout_of(*object));
  ASSERT_TRUE(placement);
  placement->put_fresh(1 << 16);
  const auto placed = read(bytes, "test.o", {}, {}, &*placement);
  ASSERT_TRUE(placed) << to_text(placed.error());
  const ir::Globals& globals = *placed->globals();
  EXPECT_EQ(globals.initial_at, 1u << 16);
  EXPECT_EQ(globals.initial.size(), 8u) << "only `end` has a value to set";
  ASSERT_EQ(globals.pointers.size(), 1u);
  EXPECT_EQ(globals.pointers[0].target, part(old, "b").at + 24) << "its end, whatever lies behind it";
  const auto program = decode(*placed, "f");
  ASSERT_TRUE(program) << to_text(program.error());
}

}  // namespace
}  // namespace tenon::object
