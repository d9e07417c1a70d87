// SPDX-License-Identifier: Apache-2.0
// Each rule, and what it must leave alone.
#include "interface/lint.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace tenon::interface {
namespace {

std::string codes(std::string_view text) {
  const auto parsed = parse(text, "t.tni");
  if (!parsed) return to_text(parsed.error());
  std::string all;
  for (const Diagnostic& one : lint(*parsed)) all += (all.empty() ? "" : " ") + one.code;
  return all;
}

struct Case {
  const char* name;
  const char* text;
  const char* expected;
};

class LintTest : public ::testing::TestWithParam<Case> {};

TEST_P(LintTest, Finds) { EXPECT_EQ(codes(GetParam().text), GetParam().expected); }

constexpr auto kName = [](const auto& info) { return std::string(info.param.name); };

constexpr Case kCases[] = {
    {"nothing", "", ""},
    {"type_never_handed_out", "type T rc drop=f; fn f(t: own T<'t>);", "E0520"},
    {"type_only_lent", "type T rc drop=f; fn f(t: own T<'t>); hook h(t: &T<'t>) default 0;", "E0520"},
    {"type_handed_out_by_a_hook", "type T rc drop=f; fn f(t: own T<'t>); hook h(t: own T<'t>) default 0;", ""},
    {"type_made_in_the_stack", "type T linear drop=f stack 16; fn g(t: new T); fn f(t: own T<'t>);", ""},
    {"type_lent_to_a_callback", "type T plain; fn each(f: fn(&T) -> s32);", ""},
    {"type_behind_a_field", "type T plain; struct s { t: &T @0 r }; hook h(p: &s) default 0; fn use(t: &T);", ""},
    {"plain_never_handed_out", "type T plain; fn use(t: &T);", "E0520"},
    {"type_unused", "type T plain;", "E0527"},
    {"struct_unused", "struct s { a: u32 @0 r };", "E0527"},
    {"struct_as_view", "struct s { a: u32 @0 r }; type T plain as s; fn t() -> &T;", ""},
    {"struct_as_memory_of_a_result", "struct s { a: u32 @0 r }; type T linear drop=f; fn g() -> own T<'t> mem(s) rw; fn f(t: own T<'t>);", ""},
    {"struct_in_a_map", "struct s { a: u32 @0 r }; fn f(m: map u32->s);", ""},
    {"element_of_an_iterator",
     "type E plain; iterator I over E: new f, next g, drop h; fn f() -> own I<'i>; fn g(i: &I<'i>) -> ?&E<'e of 'i>; fn h(i: own I<'i>);", ""},
    {"mode_unused", "mode m;", "E0527"},
    {"mode_never_left", "mode m; fn f() enters m;", "E0522"},
    {"mode_never_entered", "mode m; fn f() notin m;", "E0522"},
    {"mode_left_with_arguments", "mode m; fn f() enters m; fn g(a: u32) exits m;", "E0523"},
    {"mode_left_by_the_lock",
     "type T plain locks {l: spin}; mode m; fn t() -> &T; fn f(t: &T<'t>) acquires lock('t.l) enters m; fn g(t: &T<'t>) releases lock('t.l) exits m;",
     ""},
    {"mode_entered_without_the_lock",
     "type T plain locks {l: spin}; mode m; fn t() -> &T; fn f(t: &T<'t>) acquires lock('t.l) enters m; fn g(t: &T<'t>) releases lock('t.l) exits m; "
     "fn e() enters m;",
     "E0523"},
    {"lock_never_acquired", "type T plain locks {l: spin}; fn t() -> &T; fn f(t: &T<'t>) requires lock('t.l);", "E0521"},
    {"lock_acquired_on_a_result",
     "type T plain locks {l: spin}; fn t() -> &T; fn f(t: &T<'t>) -> s32 on ret==0 : acquires lock('t.l); fn g(t: &T<'t>) releases lock('t.l);", ""},
    {"lock_never_released", "type T plain locks {l: spin}; fn t() -> &T; fn f(t: &T<'t>) acquires lock('t.l);", "E0521"},
    {"lock_released_with_more",
     "type T plain locks {l: spin}; fn t() -> &T; fn f(t: &T<'t>) acquires lock('t.l); fn g(t: &T<'t>, n: u32) releases lock('t.l);", "E0523"},
    {"memory_of_nothing", "fn f() -> mem(u8|4) r;", "E0524"},
    {"memory_for_good", "fn f() -> mem(u8|4) r shared;", ""},
    {"memory_of_an_object", "type T plain; fn t() -> &T; fn f(t: &T<'t>) -> mem(u8|4) r;", ""},
    {"memory_of_the_context", "struct s { a: u32 @0 r }; hook h(p: &s) default 0; fn f(p: &s) -> mem(u8|4) r;", ""},
    {"memory_of_a_map", "fn f(m: map K->V, k: mem(K) r) -> ?mem(V) rw;", ""},
    {"state_unreached", "type T states {A, B} linear drop=f; fn g() -> own T<'t>; fn f(t: own T<'t>);", "E0525"},
    {"state_handed_out", "type T states {A, B} linear drop=f; fn g() -> own T<'t @B>; fn k() -> own T<'t>; fn f(t: own T<'t>);", ""},
    {"state_of_an_unreached_one", "type T states {A, B, C} linear drop=f; fn g() -> own T<'t>; fn s(t: &T<'t @B => C>); fn f(t: own T<'t>);",
     "E0525 E0525"},
    {"state_after_a_condition",
     "type T states {A, B} linear drop=f; fn g() -> own T<'t>; fn s(t: &T<'t @A>) -> s32 on ret==0 : t@B; fn f(t: own T<'t>);", ""},
    {"link_to_nothing", "type T plain; fn t() -> &T; fn f(t: &T<'t of 'x>);", "E0526"},
    {"region_of_nothing", "mode m; fn b() enters m; fn e() exits m; fn f() in m 'r;", "E0526"},
    {"opaque_to_nothing", "fn f(x: 'x);", "E0526"},
    {"opaque_passed_on", "fn f(g: fn('x) -> s32, x: 'x);", ""},
    {"instance_alone", "type T plain; fn t() -> &T; fn f(t: &T<'t>);", ""},
    {"never_negative", "type T linear drop=f; fn g() -> own T<'t>; fn f(t: own T<'t>); fn s(t: own T<'t>) -> u32 on ret<0 : keeps t;", "E0528"},
    {"never_so_large", "type T linear drop=f; fn g() -> own T<'t>; fn f(t: own T<'t>); fn s(t: own T<'t>) -> s32 in -1..1 on ret>1 : keeps t;",
     "E0528"},
    {"never_null", "type T linear drop=f; fn g() -> own T<'t>; fn f(t: own T<'t>); fn s(t: own T<'t>) -> own T<'u> on ret==null : keeps t;", "E0528"},
    {"perhaps_null", "type T linear drop=f; fn g() -> own T<'t>; fn f(t: own T<'t>); fn s(t: own T<'t>) -> ?own T<'u> on ret==null : keeps t;", ""},
};
INSTANTIATE_TEST_SUITE_P(Rules, LintTest, testing::ValuesIn(kCases), kName);

TEST(Lint, OurOwnInterfacesAreClean) {
  for (const char* file : {"interfaces/raw.tni", "tests/cases/interfaces/net.tni"}) {
    std::ifstream stream(std::string(TENON_SOURCE_DIR) + "/" + file);
    std::ostringstream text;
    text << stream.rdbuf();
    EXPECT_EQ(codes(text.str()), "") << file;
  }
}

}  // namespace
}  // namespace tenon::interface
