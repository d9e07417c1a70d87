// SPDX-License-Identifier: Apache-2.0
// How long what the host hands out lives, and what is known of an object that some paths do not hold: pairs of programs, one accepted, its twin
// rejected with one code.
#include <gtest/gtest.h>

#include "unit/verify/prove_text.hpp"

namespace tenon::test {
namespace {

constexpr std::string_view kInterface = R"(
type token rc drop=put;
type leaf plain locks {lock: spin};
type node rcu locks {lock: spin};
mode reading;
hook number(a: u64) -> u64 default 0;
hook lent(t: &token<'t>, own_one: own token<'o>) -> u64 default 0;
fn need(id: u32) -> own token<'t>;
fn put(t: own token<'t>);
fn name(a: &token<'a>, b: &token<'b>) -> mem(u8|8) r of 'b;
fn common(a: &token<'a>, b: &token<'b>) -> mem(u8|8) r;
fn peek(a: &token<'a>) -> &token<'l>;
fn look(t: &token<'t>);
fn leaf_of(a: &token<'a>) -> &leaf<'l of 'a>;
fn leaf_lock(l: &leaf<'l>) acquires lock('l.lock);
fn leaf_unlock(l: &leaf<'l>) releases lock('l.lock);
fn read_begin() enters reading;
fn read_end() exits reading;
fn text() -> mem(u8|8) r of 'r in reading 'r;
fn node() -> rcu node<'n in 'r> in reading 'r;
fn node_lock(n: &node<'n>) acquires lock('n.lock);
fn node_unlock(n: &node<'n>) releases lock('n.lock);
fn visit_memory(body: fn(mem(u8|8) rw, 'c) -> u64, c: 'c);
fn visit_leaf(body: fn(&leaf<'l>, 'c) -> u64, c: 'c);
fn leaf_use(l: &leaf<'l>);
)";

struct Case {
  const char* name;
  const char* text;
  const char* expected = "accepted";
  const char* hook = "number";
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

class LifetimesTest : public testing::TestWithParam<Case> {};

TEST_P(LifetimesTest, Verdict) { EXPECT_EQ(verdict(GetParam().text, GetParam().hook, kInterface), GetParam().expected); }

const auto kName = [](const auto& info) { return std::string(info.param.name); };

constexpr Case kOwners[] = {
    {"memory_of_the_second",
     "r1 = 1; call need; r6 = r0; r1 = 2; call need; r7 = r0; r1 = r6; r2 = r7; call name; r8 = r0; r1 = r6; call put; r6 = *(u8 *)(r8 + 0); r1 = "
     "r7; call put; r0 = 0; exit"},
    {"memory_of_the_second_is_gone",
     "r1 = 1; call need; r6 = r0; r1 = 2; call need; r7 = r0; r1 = r6; r2 = r7; call name; r8 = r0; r1 = r7; call put; r7 = *(u8 *)(r8 + 0); r1 = "
     "r6; call put; r0 = 0; exit",
     "E0309"},
    {"memory_of_either_is_gone",
     "r1 = 1; call need; r6 = r0; r1 = 2; call need; r7 = r0; r1 = r6; r2 = r7; call common; r8 = r0; r1 = r6; call put; r6 = *(u8 *)(r8 + 0); r1 = "
     "r7; call put; r0 = 0; exit",
     "E0309"},
    {"lent_by_whom_nobody_names", "r1 = 1; call need; r6 = r0; r1 = r6; call peek; r7 = r0; r1 = r7; call look; r1 = r6; call put; r0 = 0; exit"},
    {"lent_by_whom_nobody_names_is_gone",
     "r1 = 1; call need; r6 = r0; r1 = r6; call peek; r7 = r0; r1 = r6; call put; r1 = r7; call look; r0 = 0; exit", "E0309"},
    {"lent_by_what_was_lent_is_gone",
     "r1 = 1; call need; r6 = r0; r1 = r6; call peek; r1 = r0; call peek; r7 = r0; r1 = r6; call put; r1 = r7; call look; r0 = 0; exit", "E0309"},
    {"what_the_hook_lends_stays", "r6 = r2; call peek; r7 = r0; r1 = r6; call put; r1 = r7; call look; r0 = 0; exit", "accepted", "lent"},
    {"what_the_hook_gave_away_goes", "r6 = r2; r1 = r6; call peek; r7 = r0; r1 = r6; call put; r1 = r7; call look; r0 = 0; exit", "E0309", "lent"},
    {"locked_until_its_owner_goes",
     "r1 = 1; call need; r6 = r0; r1 = r6; call leaf_of; r7 = r0; r1 = r7; call leaf_lock; r1 = r7; call leaf_unlock; r1 = r6; call put; r0 = 0; "
     "exit"},
    {"still_locked_when_its_owner_goes",
     "r1 = 1; call need; r6 = r0; r1 = r6; call leaf_of; r7 = r0; r1 = r7; call leaf_lock; r1 = r6; call put; r0 = 0; exit", "E0317"},
};
INSTANTIATE_TEST_SUITE_P(Owners, LifetimesTest, testing::ValuesIn(kOwners), kName);

constexpr Case kRegions[] = {
    {"memory_within", "call read_begin; call text; r6 = *(u8 *)(r0 + 0); call read_end; r0 = 0; exit"},
    {"memory_afterwards", "call read_begin; call text; r7 = r0; call read_end; r6 = *(u8 *)(r7 + 0); r0 = 0; exit", "E0311"},
    {"locked_within", "call read_begin; call node; r6 = r0; r1 = r6; call node_lock; r1 = r6; call node_unlock; call read_end; r0 = 0; exit"},
    {"locked_when_left", "call read_begin; call node; r6 = r0; r1 = r6; call node_lock; call read_end; r0 = 0; exit", "E0317"},
};
INSTANTIATE_TEST_SUITE_P(Regions, LifetimesTest, testing::ValuesIn(kRegions), kName);

// The callback keeps what it was lent in its caller's frame; the next run, or the caller, finds it there.
constexpr Case kCallbacks[] = {
    {"memory_used_within",
     "*(u64 *)(r10 - 8) = 0; r1 = &body; r2 = r10; r2 += -8; call visit_memory; r0 = 0; exit; fn body(2):; r3 = *(u8 *)(r1 + 0); r0 = 0; exit"},
    {"memory_used_after_the_run",
     "*(u64 *)(r10 - 8) = 0; r1 = &body; r2 = r10; r2 += -8; call visit_memory; r1 = *(u64 *)(r10 - 8); if r1 == 0 goto end; r0 = *(u8 *)(r1 + 0); "
     "end:; r0 = 0; exit; "
     "fn body(2):; *(u64 *)(r2 + 0) = r1; r0 = 0; exit",
     "E0309"},
    {"object_used_after_the_run",
     "*(u64 *)(r10 - 8) = 0; r1 = &body; r2 = r10; r2 += -8; call visit_leaf; r1 = *(u64 *)(r10 - 8); if r1 == 0 goto end; call leaf_use; end:; r0 = "
     "0; exit; "
     "fn body(2):; *(u64 *)(r2 + 0) = r1; r0 = 0; exit",
     "E0309"},
};
INSTANTIATE_TEST_SUITE_P(Callbacks, LifetimesTest, testing::ValuesIn(kCallbacks), kName);

// On one path a token is held in r6, on the other r6 is 5; r7 says which.
constexpr Case kConditions[] = {
    {"given_back_where_the_flag_says_so",
     "r6 = 5; r7 = 0; if r1 == 0 goto met; r1 = 1; call need; r6 = r0; r7 = 1; met:; if r7 == 0 goto end; r1 = r6; call put; end:; r0 = 0; exit"},
    {"given_back_where_it_says_the_opposite",
     "r6 = 5; r7 = 0; if r1 == 0 goto met; r1 = 1; call need; r6 = r0; r7 = 1; met:; r1 = r6; if r7 == 0 goto other; call put; r0 = 0; exit; other:; "
     "call put; r0 = 0; exit",
     "E0302"},
    {"not_null_where_nothing_is_held",
     "r6 = 5; r7 = 0; if r1 == 0 goto met; r1 = 1; call need; r6 = r0; r7 = 1; met:; if r7 == 0 goto other; r1 = r6; call put; r0 = 0; exit; other:; "
     "r0 = 0; if r6 == 0 goto end; r1 = 9; call put; end:; exit",
     "E0302"},
};
INSTANTIATE_TEST_SUITE_P(Conditions, LifetimesTest, testing::ValuesIn(kConditions), kName);

}  // namespace
}  // namespace tenon::test
