// SPDX-License-Identifier: Apache-2.0
// Which changes of an interface a verified extension survives. Each is tried both ways where the way back says something of its own.
#include "interface/compare.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenon::interface {
namespace {

struct Case {
  const char* name;
  const char* was;
  const char* now;
  const char* expected;  ///< "" no change; "holds" or "breaks" and what, for each
};

std::string changes(const Case& c) {
  const std::string common =
      "type T states {A, B} rc drop=put locks {l: spin rank 1}; mode m; struct s { a: u32 @0 r }; fn get() -> ?own T<'t>; fn put(t: own T<'t>);";
  const auto was = parse(common + c.was, "old.tni"), now = parse(common + c.now, "new.tni");
  if (!was) return to_text(was.error());
  if (!now) return to_text(now.error());
  std::string all;
  for (const Change& change : compare(*was, *now)) {
    EXPECT_FALSE(change.reason.empty());
    EXPECT_TRUE(!change.old_line.empty() || !change.new_line.empty());
    all += (all.empty() ? "" : ", ") + std::string(change.holds ? "holds " : "breaks ") + change.what;
  }
  return all;
}

class CompareTest : public ::testing::TestWithParam<Case> {};

TEST_P(CompareTest, Verdict) { EXPECT_EQ(changes(GetParam()), GetParam().expected); }

constexpr auto kName = [](const auto& info) { return std::string(info.param.name); };

constexpr Case kLines[] = {
    {"same", "fn f(n: u32);", "fn f( n : u32 ) ;", ""},
    {"new_function", "", "fn f();", "holds fn f"},
    {"function_gone", "fn f();", "", "breaks fn f"},
    {"other_parameter_name", "fn f(n: u32);", "fn f(m: u32);", "holds fn f"},
    {"other_instance_name", "fn f(t: &T<'a>) acquires lock('a.l);", "fn f(t: &T<'b>) acquires lock('b.l);", "holds fn f"},
    {"other_link", "fn f(t: &T<'a>, u: &T<'b of 'a>);", "fn f(t: &T<'a>, u: &T<'b>);", "breaks fn f"},
    {"argument_wider", "fn f(n: u32 in 0..7);", "fn f(n: u32 in 0..8);", "holds fn f"},
    {"argument_narrower", "fn f(n: u32 in 0..7);", "fn f(n: u32 in 1..7);", "breaks fn f"},
    {"argument_of_another_width", "fn f(n: u32);", "fn f(n: u64);", "breaks fn f"},
    {"argument_signed", "fn f(n: u32 in 0..7);", "fn f(n: s32 in 0..7);", "breaks fn f"},
    {"one_more_argument", "fn f(n: u32);", "fn f(n: u32, m: u32);", "breaks fn f"},
    {"result_narrower", "fn f() -> s32 in -1..1;", "fn f() -> s32 in 0..1;", "holds fn f"},
    {"result_wider", "fn f() -> s32 in -1..1;", "fn f() -> s32 in -2..1;", "breaks fn f"},
    {"result_never_null", "fn f() -> ?mem(u8|4) r;", "fn f() -> mem(u8|4) r;", "holds fn f"},
    {"result_may_be_null", "fn f() -> mem(u8|4) r;", "fn f() -> ?mem(u8|4) r;", "breaks fn f"},
    {"result_longer", "fn f() -> mem(u8|4) r;", "fn f() -> mem(u8|8) r;", "holds fn f"},
    {"result_shorter", "fn f() -> mem(u8|4) r;", "fn f() -> mem(u8|2) r;", "breaks fn f"},
    {"result_writable", "fn f() -> mem(u8|4) r;", "fn f() -> mem(u8|4) rw;", "holds fn f"},
    {"result_read_only", "fn f() -> mem(u8|4) rw;", "fn f() -> mem(u8|4) r;", "breaks fn f"},
    {"argument_may_be_null", "fn f(p: mem(u8|4) r);", "fn f(p: ?mem(u8|4) r);", "holds fn f"},
    {"argument_may_not_be_null", "fn f(p: ?mem(u8|4) r);", "fn f(p: mem(u8|4) r);", "breaks fn f"},
    {"buffer_shorter", "fn f(p: mem(u8|4) r);", "fn f(p: mem(u8|2) r);", "holds fn f"},
    {"buffer_longer", "fn f(p: mem(u8|4) r);", "fn f(p: mem(u8|8) r);", "breaks fn f"},
    {"filled_buffer_shorter", "fn f(p: mem(u8|4) uninit);", "fn f(p: mem(u8|2) uninit);", "breaks fn f"},
    {"buffer_now_written", "fn f(p: mem(u8|4) r);", "fn f(p: mem(u8|4) rw);", "breaks fn f"},
    {"consumed_now", "fn f(t: &T<'t>);", "fn f(t: own T<'t>);", "breaks fn f"},
    {"any_state", "fn f(t: &T<'t @B>);", "fn f(t: &T<'t>);", "holds fn f"},
    {"one_state", "fn f(t: &T<'t>);", "fn f(t: &T<'t @B>);", "breaks fn f"},
    {"another_step", "fn f(t: &T<'t @A => B>);", "fn f(t: &T<'t @A => A>);", "breaks fn f"},
    {"needs_no_lock", "fn f(t: &T<'t>) requires lock('t.l);", "fn f(t: &T<'t>);", "holds fn f"},
    {"needs_a_lock", "fn f(t: &T<'t>);", "fn f(t: &T<'t>) requires lock('t.l);", "breaks fn f"},
    {"acquires_now", "fn f(t: &T<'t>);", "fn f(t: &T<'t>) acquires lock('t.l);", "breaks fn f"},
    {"in_any_mode", "fn f() in m;", "fn f();", "holds fn f"},
    {"in_a_mode", "fn f();", "fn f() in m;", "breaks fn f"},
    {"anywhere", "fn f() notin m;", "fn f();", "holds fn f"},
    {"not_everywhere", "fn f();", "fn f() notin m;", "breaks fn f"},
    {"sleeps_no_more", "fn f() may_sleep;", "fn f();", "holds fn f"},
    {"suspends_now", "fn f();", "fn f() may_suspend;", "breaks fn f"},
    {"returns_now", "fn f() noreturn;", "fn f();", "breaks fn f"},
    {"interruptible_now", "fn f();", "fn f() interruptible;", "holds fn f"},
    {"escapes_less", "fn f() -> mem(u8|4) r may_escape heap, ret;", "fn f() -> mem(u8|4) r may_escape heap;", "breaks fn f"},
    {"keeps_on_failure", "fn f(t: own T<'t>) -> s32;", "fn f(t: own T<'t>) -> s32 on ret<0 : keeps t;", "breaks fn f"},
    {"contract", "fn f(n: u32);", "fn f(n: u32) requires {n > 1};", "holds fn f"},
    {"fewer_hooks", "hook h() default 0; hook i() default 0; fn f();", "hook h() default 0; hook i() default 0; fn f() for h;", "breaks fn f"},
    {"all_hooks", "hook h() default 0; fn f() for h;", "hook h() default 0; fn f();", "holds fn f"},
};
INSTANTIATE_TEST_SUITE_P(Lines, CompareTest, testing::ValuesIn(kLines), kName);

constexpr Case kHooks[] = {
    {"result_wider", "hook h() -> s32 in 0..4 default 0;", "hook h() -> s32 in 0..5 default 0;", "holds hook h"},
    {"result_narrower", "hook h() -> s32 in 0..4 default 0;", "hook h() -> s32 in 0..3 default 0;", "breaks hook h"},
    {"argument_narrower", "hook h(n: u32) default 0;", "hook h(n: u32 in 0..9) default 0;", "holds hook h"},
    {"argument_wider", "hook h(n: u32 in 0..9) default 0;", "hook h(n: u32) default 0;", "breaks hook h"},
    {"argument_may_be_null", "hook h(p: &s) default 0;", "hook h(p: ?&s) default 0;", "breaks hook h"},
    {"other_default", "hook h() -> s32 in 0..4 default 0;", "hook h() -> s32 in 0..4 default 1;", "holds hook h"},
    {"higher_level", "hook h() default 0;", "hook h() default 0 level>=L1;", "breaks hook h"},
    {"lower_level", "hook h() default 0 level>=L1;", "hook h() default 0;", "holds hook h"},
    {"section_gone", "hook h() default 0 section \"a\";", "hook h() default 0;", "breaks hook h"},
    {"new_section", "hook h() default 0;", "hook h() default 0 section \"a\";", "holds hook h"},
    {"gone", "hook h() default 0;", "", "breaks hook h"},
};
INSTANTIATE_TEST_SUITE_P(Hooks, CompareTest, testing::ValuesIn(kHooks), kName);

constexpr Case kTypes[] = {
    {"new_field", "struct c { a: u32 @0 r };", "struct c { a: u32 @0 r, b: u64 @8 r };", "holds struct c"},
    {"new_field_of_an_element", "struct c { a: u32 @0 r }; fn f(p: mem(c) r);", "struct c { a: u32 @0 r, b: u64 @8 r }; fn f(p: mem(c) r);",
     "breaks struct c"},
    {"field_gone", "struct c { a: u32 @0 r, b: u64 @8 r };", "struct c { a: u32 @0 r };", "breaks struct c"},
    {"field_moved", "struct c { a: u32 @0 r };", "struct c { a: u32 @4 r };", "breaks struct c"},
    {"field_writable", "struct c { a: u32 @0 r };", "struct c { a: u32 @0 rw };", "holds struct c"},
    {"field_read_only", "struct c { a: u32 @0 rw };", "struct c { a: u32 @0 r };", "breaks struct c"},
    {"read_field_narrower", "struct c { a: u32 @0 r };", "struct c { a: u32 in 0..9 @0 r };", "holds struct c"},
    {"read_field_wider", "struct c { a: u32 in 0..9 @0 r };", "struct c { a: u32 @0 r };", "breaks struct c"},
    {"written_field_wider", "struct c { a: u32 in 0..9 @0 w };", "struct c { a: u32 @0 w };", "holds struct c"},
    {"read_and_written_field_wider", "struct c { a: u32 in 0..9 @0 rw };", "struct c { a: u32 @0 rw };", "breaks struct c"},
    {"memory_read_only", "struct c { a..b: mem rw @0..8 };", "struct c { a..b: mem r @0..8 };", "breaks struct c"},
    {"memory_writable", "struct c { a..b: mem r @0..8 };", "struct c { a..b: mem rw @0..8 };", "holds struct c"},
    {"new_state", "type U states {A} plain;", "type U states {A, B} plain;", "holds type U"},
    {"state_gone", "type U states {A, B} plain;", "type U states {A} plain;", "breaks type U"},
    {"begins_elsewhere", "type U states {A, B} plain;", "type U states {B, A} plain;", "breaks type U"},
    {"other_rank", "type U plain locks {l: spin rank 1};", "type U plain locks {l: spin rank 2};", "breaks type U"},
    {"new_lock", "type U plain;", "type U plain locks {l: spin};", "holds type U"},
    {"owned_otherwise", "type U rcu;", "type U plain;", "breaks type U"},
    {"other_size_in_the_stack", "type U plain stack 8;", "type U plain stack 16;", "breaks type U"},
    {"excludes_more", "mode n;", "mode n excludes {sleep};", "breaks mode n"},
    {"excludes_less", "mode n excludes {sleep};", "mode n;", "holds mode n"},
    {"excludes_calls", "mode n;", "mode n excludes {calls};", "breaks mode n"},
    {"field_grows", "type t plain field 4;", "type t plain field 8;", "breaks type t"},
    {"another_kind", "maps a {x}; maps b {y}; fn f(m: map<a> K->V) -> u64; fn f(m: map<b> K->V) -> u64 in 0..7;",
     "maps a {x}; maps b {y}; fn f(m: map<a> K->V) -> u64; fn f(m: map<b> K->V) -> u64 in 0..9;", "breaks fn f"},
    {"called_later", "fn f(c: fn(u32) -> s32);", "fn f(c: fn(u32) -> s32 later);", "breaks fn f"},
    {"interface_name", "interface a;", "interface b;", "holds interface"},
    {"state_variable", "", "state n: u32;", "holds state"},
};
INSTANTIATE_TEST_SUITE_P(Types, CompareTest, testing::ValuesIn(kTypes), kName);

}  // namespace
}  // namespace tenon::interface
