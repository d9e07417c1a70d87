// SPDX-License-Identifier: Apache-2.0
// Refusals that clang's output seldom meets, each with a twin that is accepted: without its refusal a program below would pass
// (tools/mutate_verifier.py takes each away).
#include <gtest/gtest.h>

#include "unit/verify/prove_text.hpp"

namespace tenon::test {
namespace {

constexpr std::string_view kInterface = R"(
struct context { n: u32 @0 r, secret: u32 @4 w, total: u64 @8 rw };
struct view { x: u32 @0 r, hidden: u32 @4 w, y: u64 @8 rw };
type thing rc drop=put as view;
type box linear drop=box_end stack 16;
mode quiet;
fn get() -> ?own thing<'t>;
fn need() -> own thing<'t>;
fn put(t: own thing<'t>);
fn look(t: &thing<'t>);
fn offer(t: &thing<'t>, how: u64) -> s32   on ret==0 : consumes t;
fn other() -> ?&context;
fn read(c: &context) -> u64;
fn box_begin(b: new box<'b>);
fn box_end(b: own box<'b>);
fn be_quiet()  enters quiet;
fn be_loud()   exits quiet;
fn each(n: u32, body: fn(u32, 'c) -> s64 in 0..1, c: 'c) -> u32;
fn each_thing(t: &thing<'t>, body: fn(u32, 'c) -> s64 in 0..1, c: 'c) -> u32;
hook t(ctx: &context) -> u64 default 0;
hook lent(t: &thing<'t>) -> u64 default 0;
hook perhaps(ctx: ?&context) -> u64 default 0;
)";

struct Refusal {
  const char* name;
  const char* hook;
  const char* refused;
  const char* code;
  const char* accepted;  ///< its twin
};

void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.name; }

class Refusals : public ::testing::TestWithParam<Refusal> {};

TEST_P(Refusals, AndTheirTwins) {
  const Refusal& refusal = GetParam();
  EXPECT_EQ(verdict(refusal.refused, refusal.hook, kInterface), refusal.code);
  EXPECT_EQ(verdict(refusal.accepted, refusal.hook, kInterface), "accepted");
}

constexpr Refusal kRefusals[] = {
    {"a_context_that_may_be_null", "perhaps", "r0 = *(u32 *)(r1 + 0); exit", "E0204",
     "r0 = 0; if r1 == 0 goto end; r0 = *(u32 *)(r1 + 0); end:; exit"},
    {"a_context_that_may_be_null_as_an_argument", "t", "call other; r1 = r0; call read; exit", "E0204",
     "call other; if r0 == 0 goto end; r1 = r0; call read; end:; exit"},
    {"no_context_where_one_is_wanted", "t", "r1 = 5; call read; exit", "E0223", "call read; exit"},
    {"an_object_that_may_be_null", "t", "call get; r6 = r0; r0 = *(u32 *)(r6 + 0); exit", "E0204",
     "call get; if r0 == 0 goto end; r6 = r0; r7 = *(u32 *)(r6 + 0); r1 = r6; call put; r0 = r7; end:; exit"},
    {"behind_the_fields_of_an_object", "t", "call need; r6 = r0; r7 = *(u64 *)(r6 + 16); r1 = r6; call put; r0 = r7; exit", "E0217",
     "call need; r6 = r0; r7 = *(u64 *)(r6 + 8); r1 = r6; call put; r0 = r7; exit"},
    {"a_field_that_may_not_be_read", "t", "r0 = *(u32 *)(r1 + 4); exit", "E0215", "r0 = *(u32 *)(r1 + 0); exit"},
    {"an_atomic_on_an_objects_field", "t", "call need; r6 = r0; r1 = 1; lock *(u64 *)(r6 + 8) += r1; r1 = r6; call put; r0 = 0; exit", "E0220",
     "call need; r6 = r0; r1 = 1; *(u64 *)(r6 + 8) = r1; r1 = r6; call put; r0 = 0; exit"},
    {"what_is_borrowed_may_not_be_taken", "lent", "r2 = 0; call offer; r0 = 0; exit", "E0306",
     "call need; r6 = r0; r1 = r0; r2 = 0; call offer; w0 = w0; if w0 == 0 goto end; r1 = r6; call put; end:; r0 = 0; exit"},
    {"a_mode_that_was_not_entered", "t", "call be_loud; r0 = 0; exit", "E0318", "call be_quiet; call be_loud; r0 = 0; exit"},
    {"below_the_deepest_stack", "t", "r1 = 0; *(u64 *)(r10 - 8200) = r1; r0 = 0; exit", "E0206", "r1 = 0; *(u64 *)(r10 - 8192) = r1; r0 = 0; exit"},
    {"a_callback_that_runs_itself", "t",
     "r1 = 3; r2 = &body; r3 = 0; call each; r0 = 0; exit; fn body(2):; r1 = 3; r2 = &body; r3 = 0; call each; r0 = 0; exit", "E0405",
     "r1 = 3; r2 = &body; r3 = 0; call each; r0 = 0; exit; fn body(2):; r1 = 3; r2 = &last; r3 = 0; call each; r0 = 0; exit; fn last(2):; r0 = 0; "
     "exit"},
    {"two_kinds_of_values_meet_in_a_loop", "t", "r6 = r1; loop:; r7 = *(u32 *)(r6 + 0); r6 = 5; if r7 != 0 goto loop; r0 = 0; exit", "E0202",
     "r6 = r1; loop:; r7 = *(u32 *)(r6 + 0); if r7 != 0 goto loop; r0 = 0; exit"},
    {"a_callback_gives_back_what_is_passed_beside_it", "t",
     "call need; r6 = r0; *(u64 *)(r10 - 8) = r6; r1 = r6; r2 = &take; r3 = r10; r3 += -8; call each_thing; r1 = *(u64 *)(r10 - 8); if r1 == 0 goto "
     "end; "
     "call put; end:; r0 = 0; exit; fn take(2):; r6 = r2; r1 = *(u64 *)(r6 + 0); if r1 == 0 goto out; r3 = 0; *(u64 *)(r6 + 0) = r3; call put; out:; "
     "r0 = 0; exit",
     "E0322",
     "call need; *(u64 *)(r10 - 8) = r0; r1 = 3; r2 = &take; r3 = r10; r3 += -8; call each; r1 = *(u64 *)(r10 - 8); if r1 == 0 goto end; "
     "call put; end:; r0 = 0; exit; fn take(2):; r6 = r2; r1 = *(u64 *)(r6 + 0); if r1 == 0 goto out; r3 = 0; *(u64 *)(r6 + 0) = r3; call put; out:; "
     "r0 = 0; exit"},
    {"a_place_that_may_be_private_in_a_frame_of_the_heap", "t",
     "*(u64 *)(r10 - 8) = r1; r2 = 0; *(u64 *)(r10 - 16) = r2; r4 = r10; r4 += -24; *(u64 *)(r10 - 24) = r2; r5 = globals + 0; *(u64 *)(r5 + 0) = "
     "r4; r3 = *(u32 *)(r1 + 0); r3 &= 8; r2 = r10; r2 += -16; r2 += r3; r0 = *(u64 *)(r2 + 0); exit",
     "E0207",
     "r6 = 0; *(u64 *)(r10 - 8) = r6; r2 = 0; *(u64 *)(r10 - 16) = r2; r4 = r10; r4 += -24; *(u64 *)(r10 - 24) = r2; r5 = globals + 0; *(u64 *)(r5 + "
     "0) = r4; r3 = *(u32 *)(r1 + 0); r3 &= 8; r2 = r10; r2 += -16; r2 += r3; r0 = *(u64 *)(r2 + 0); exit"},
    {"two_kinds_of_values_meet", "t",
     "r2 = *(u32 *)(r1 + 0); if r2 == 0 goto here; r1 = r10; r1 += -8; r3 = 7; *(u64 *)(r10 - 8) = r3; here:; r0 = *(u32 *)(r1 + 0); exit", "E0213",
     "r2 = *(u32 *)(r1 + 0); if r2 == 0 goto here; r2 = 7; here:; r0 = *(u32 *)(r1 + 0); exit"},
};

INSTANTIATE_TEST_SUITE_P(Verify, Refusals, ::testing::ValuesIn(kRefusals), [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace tenon::test
