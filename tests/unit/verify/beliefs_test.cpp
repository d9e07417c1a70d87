// SPDX-License-Identifier: Apache-2.0
// What the verifier must not believe: of two paths that meet, of a loop's later rounds, of a callee, of the stack after it was written. Each program
// would be accepted by a verifier that lacks one statement (tools/verifier_mutants.py). r9 is never set: reading it marks what must be seen as
// reachable.
#include <gtest/gtest.h>

#include "unit/verify/prove_text.hpp"

namespace tenon::test {
namespace {

constexpr std::string_view kInterface = R"(
struct inner { bytes: mem(u8|8) r @0 r };
struct packet { n: u32 @0 r, low: u32 in 5..10 @4 r, first: u64 @8 r, data..data_end: mem rw @16..24, text..text_end: mem r @32..40, a: &inner @48 r,
                b: &inner @56 r };
type token rc drop=put;
type row rc drop=row_put;
type pair rc drop=pair_put locks {a: spin rank 1, b: spin rank 2};
type gate states {Open, Shut} plain;
type cell linear drop=cell_end stack 8;
type clock plain locks {lock: spin};
mode reading;
hook t(ctx: &packet) -> u64 default 0;
hook narrow(a: u64) -> u32 in 0..4 default 0;
hook lent(t: &token<'t>, n: u64) -> u64 default 0;
hook perhaps(t: ?own token<'t>, n: u64) -> u64 default 0;
fn get(id: u32) -> ?own token<'t>;
fn need(id: u32) -> own token<'t>;
fn put(t: own token<'t>);
fn look(t: &token<'t>);
fn peek(t: &token<'t>) -> &token<'l>;
fn give(t: own token<'t>, flag: u32) on flag==0: keeps t;
fn same(a: &token<'t>, b: &token<'t>);
fn name(t: &token<'t>) -> mem(u8|8) r of 't;
fn text() -> mem(u8|8) r of 'r in reading 'r;
fn free_text() -> mem(u8|8) r;
fn row_get(t: &token<'t>) -> own row<'r of 't>;
fn row_use(t: &token<'t>, r: &row<'r of 't>);
fn row_put(r: own row<'r>);
fn fixed() -> ?mem(u8|8) rw;
fn secret() -> mem(u8|8) rw;
fn told() -> mem(u8|8) rw may_escape ret;
fn common() -> mem(u8|8) rw shared;
fn twice(n: u64) -> ?mem(u8|n*2) rw;
fn fill(p: mem(u8|n) uninit, n: u32);
fn send(p: mem(u8|n) r, n: u32);
fn shift(ctx: &packet) moves ctx;
fn whole(ctx: &packet);
fn find_inner() -> ?&inner;
fn take_inner(i: &inner);
fn gate() -> &gate<'g @Open>;
fn shut(g: &gate<'g @Open => Shut>);
fn pass(g: &gate<'g @Open>);
fn visit(p: mem(u8|8) uninit, body: fn('c) -> u64, c: 'c);
fn pair_need() -> own pair<'p>;
fn pair_put(p: own pair<'p>);
fn lock_a(p: &pair<'p>) acquires lock('p.a);
fn unlock_a(p: &pair<'p>) releases lock('p.a);
fn unlock_b(p: &pair<'p>) releases lock('p.b);
fn lock_b(p: &pair<'p>) acquires lock('p.b);
fn read_begin() enters reading;
fn read_end() exits reading;
fn try_end() -> s32 on ret==0: exits reading;
fn cell_begin(c: new cell<'c>);
fn cell_end(c: own cell<'c>);
fn clock() -> &clock<'c>;
fn clock_use(c: &clock<'c>);
)";

struct Case {
  const char* name;
  const char* text;
  const char* expected;
  const char* hook = "t";
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

class BeliefsTest : public testing::TestWithParam<Case> {};

TEST_P(BeliefsTest, Verdict) { EXPECT_EQ(verdict(GetParam().text, GetParam().hook, kInterface), GetParam().expected); }

const auto kName = [](const auto& info) { return std::string(info.param.name); };

// Most stand there twice, with the paths the other way round: which one is merged into which is not the program's business.
constexpr Case kMeeting[] = {
    {"null_on_the_second_path",
     "r7 = *(u32 *)(r1 + 0); if r7 == 0 goto other; call fixed; r6 = r0; if r6 == 0 goto end; goto met; other:; call fixed; r6 = r0; met:; r0 = *(u8 "
     "*)(r6 + 0); exit; end:; r0 = 0; exit",
     "E0204"},
    {"null_on_the_first_path",
     "r7 = *(u32 *)(r1 + 0); if r7 == 0 goto other; call fixed; r6 = r0; goto met; other:; call fixed; r6 = r0; if r6 == 0 goto end; met:; r0 = *(u8 "
     "*)(r6 + 0); exit; end:; r0 = 0; exit",
     "E0204"},
    {"a_copy_on_the_first_path",
     "r8 = *(u32 *)(r1 + 0); call fixed; r6 = r0; r7 = r6; if r8 != 0 goto met; call fixed; r7 = r0; met:; if r6 == 0 goto end; r0 = *(u8 *)(r7 + "
     "0); exit; end:; r0 = 0; exit",
     "E0204"},
    {"a_copy_on_the_second_path",
     "r8 = *(u32 *)(r1 + 0); call fixed; r6 = r0; if r8 == 0 goto other; call fixed; r7 = r0; goto met; other:; r7 = r6; met:; if r6 == 0 goto end; "
     "r0 = *(u8 *)(r7 + 0); exit; end:; r0 = 0; exit",
     "E0204"},
    {"two_of_unknown_origin",
     "r8 = r1; call fixed; r6 = r0; r2 = *(u32 *)(r8 + 0); if r2 == 0 goto one; call fixed; r6 = r0; one:; call fixed; r7 = r0; r2 = *(u32 *)(r8 + "
     "0); if r2 == 0 goto two; call fixed; r7 = r0; two:; "
     "if r6 == 0 goto end; r0 = *(u8 *)(r7 + 0); exit; end:; r0 = 0; exit",
     "E0204"},
    {"name_of_one_or_the_other",
     "r8 = *(u32 *)(r1 + 0); r1 = 1; call need; r6 = r0; r1 = 2; call need; r7 = r0; if r8 == 0 goto other; r1 = r6; call name; r8 = r0; goto met; "
     "other:; r1 = r7; call name; r8 = r0; met:; "
     "r1 = r6; call put; r6 = *(u8 *)(r8 + 0); r1 = r7; call put; r0 = 0; exit",
     "E0309"},
    {"name_of_the_other_or_one",
     "r8 = *(u32 *)(r1 + 0); r1 = 1; call need; r6 = r0; r1 = 2; call need; r7 = r0; if r8 == 0 goto other; r1 = r6; call name; r8 = r0; goto met; "
     "other:; r1 = r7; call name; r8 = r0; met:; "
     "r1 = r7; call put; r7 = *(u8 *)(r8 + 0); r1 = r6; call put; r0 = 0; exit",
     "E0309"},
    {"lent_by_one_or_the_other",
     "r8 = *(u32 *)(r1 + 0); r1 = 1; call need; r6 = r0; r1 = 2; call need; r7 = r0; if r8 == 0 goto other; r1 = r6; call peek; r8 = r0; goto met; "
     "other:; r1 = r7; call peek; r8 = r0; met:; "
     "r1 = r6; call put; r1 = r8; call look; r1 = r7; call put; r0 = 0; exit",
     "E0309"},
    {"lent_by_the_other_or_one",
     "r8 = *(u32 *)(r1 + 0); r1 = 1; call need; r6 = r0; r1 = 2; call need; r7 = r0; if r8 == 0 goto other; r1 = r6; call peek; r8 = r0; goto met; "
     "other:; r1 = r7; call peek; r8 = r0; met:; "
     "r1 = r7; call put; r1 = r8; call look; r1 = r6; call put; r0 = 0; exit",
     "E0309"},
    {"of_the_region_or_free",
     "r8 = *(u32 *)(r1 + 0); call read_begin; if r8 == 0 goto other; call text; r8 = r0; goto met; other:; call free_text; r8 = r0; met:; call "
     "read_end; r0 = *(u8 *)(r8 + 0); exit",
     "E0202"},
    {"free_or_of_the_region",
     "r8 = *(u32 *)(r1 + 0); call read_begin; if r8 == 0 goto other; call free_text; r8 = r0; goto met; other:; call text; r8 = r0; met:; call "
     "read_end; r0 = *(u8 *)(r8 + 0); exit",
     "E0202"},
    {"moved_on_one_path",
     "r6 = r1; r2 = *(u64 *)(r6 + 16); r3 = *(u64 *)(r6 + 24); r4 = r2; r4 += 8; r0 = 0; if r4 > r3 goto end; r8 = r3; r8 -= r2; r7 = *(u32 *)(r6 + "
     "0); if r7 == 0 goto met; r1 = r6; call shift; met:; r2 = *(u64 *)(r6 + 16); "
     "r0 = *(u8 *)(r2 + 0); r0 += r8; end:; exit",
     "E0205"},
    {"not_moved_on_one_path",
     "r6 = r1; r2 = *(u64 *)(r6 + 16); r3 = *(u64 *)(r6 + 24); r4 = r2; r4 += 8; r0 = 0; if r4 > r3 goto end; r8 = r3; r8 -= r2; r7 = *(u32 *)(r6 + "
     "0); if r7 == 0 goto move; goto met; move:; r1 = r6; call shift; met:; "
     "r2 = *(u64 *)(r6 + 16); r0 = *(u8 *)(r2 + 0); r0 += r8; end:; exit",
     "E0205"},
    {"told_or_secret", "r8 = *(u32 *)(r1 + 0); if r8 == 0 goto other; call told; goto met; other:; call secret; met:; exit", "E0202"},
    {"secret_or_told", "r8 = *(u32 *)(r1 + 0); if r8 == 0 goto other; call secret; goto met; other:; call told; met:; exit", "E0202"},
    {"compared_on_the_first_path",
     "r6 = *(u64 *)(r1 + 16); r7 = *(u64 *)(r1 + 24); r8 = *(u32 *)(r1 + 0); r2 = *(u32 *)(r1 + 0); r0 = 0; r3 = r6; r3 += r8; if r2 == 0 goto met; "
     "if r3 >= r7 goto end; met:; r0 = *(u8 *)(r3 + 0); end:; exit",
     "E0205"},
    {"compared_on_the_second_path",
     "r6 = *(u64 *)(r1 + 16); r7 = *(u64 *)(r1 + 24); r8 = *(u32 *)(r1 + 0); r2 = *(u32 *)(r1 + 0); r0 = 0; r3 = r6; r3 += r8; if r2 == 0 goto "
     "compare; goto met; compare:; if r3 >= r7 goto end; met:; r0 = *(u8 *)(r3 + 0); end:; exit",
     "E0205"},
    {"at_least_8_on_the_first_path",
     "r6 = *(u64 *)(r1 + 16); r7 = *(u64 *)(r1 + 24); r8 = *(u32 *)(r1 + 0); r2 = *(u32 *)(r1 + 0); r0 = 0; r3 = r6; r3 += r8; if r3 > r7 goto end; "
     "if r2 == 0 goto met; if r8 < 8 goto end; met:; r0 = *(u8 *)(r3 - 8); end:; exit",
     "E0205"},
    {"at_least_8_on_the_second_path",
     "r6 = *(u64 *)(r1 + 16); r7 = *(u64 *)(r1 + 24); r8 = *(u32 *)(r1 + 0); r2 = *(u32 *)(r1 + 0); r0 = 0; r3 = r6; r3 += r8; if r3 > r7 goto end; "
     "if r2 == 0 goto test; goto met; test:; if r8 < 8 goto end; met:; r0 = *(u8 *)(r3 - 8); end:; exit",
     "E0205"},
    {"unlike_on_the_first_path",
     "r7 = *(u32 *)(r1 + 0); r8 = *(u32 *)(r1 + 0); r2 = *(u32 *)(r1 + 0); r0 = 0; if r2 == 0 goto met; if r7 == r8 goto end; met:; if r7 != r8 goto "
     "end; r0 = r9; end:; exit",
     "E0201"},
    {"unlike_on_the_second_path",
     "r7 = *(u32 *)(r1 + 0); r8 = *(u32 *)(r1 + 0); r2 = *(u32 *)(r1 + 0); r0 = 0; if r2 == 0 goto test; goto met; test:; if r7 == r8 goto end; "
     "met:; if r7 != r8 goto end; r0 = r9; end:; exit",
     "E0201"},
    {"set_on_the_first_path",
     "r2 = *(u32 *)(r1 + 0); *(u64 *)(r10 - 16) = 1; if r2 == 0 goto met; *(u64 *)(r10 - 8) = 1; met:; r0 = *(u64 *)(r10 - 8); exit", "E0203"},
    {"set_on_the_second_path",
     "r2 = *(u32 *)(r1 + 0); *(u64 *)(r10 - 16) = 1; if r2 == 0 goto set; goto met; set:; *(u64 *)(r10 - 8) = 1; met:; r0 = *(u64 *)(r10 - 8); exit",
     "E0203"},
    {"owned_or_lent",
     "r6 = r1; if r2 == 0 goto other; r1 = 1; call need; r7 = r0; goto met; other:; r1 = r6; call peek; r7 = r0; met:; r1 = r7; call put; r0 = 0; "
     "exit",
     "E0306", "lent"},
    {"lent_or_owned",
     "r6 = r1; if r2 == 0 goto other; r1 = r6; call peek; r7 = r0; goto met; other:; r1 = 1; call need; r7 = r0; met:; r1 = r7; call put; r0 = 0; "
     "exit",
     "E0306", "lent"},
    {"row_of_one_or_the_other",
     "r8 = *(u32 *)(r1 + 0); r1 = 1; call need; r6 = r0; r1 = 2; call need; r7 = r0; r1 = r6; if r8 == 0 goto other; call row_get; r8 = r0; goto "
     "met; other:; r1 = r7; call row_get; r8 = r0; met:; r1 = r6; r2 = r8; call row_use; "
     "r1 = r8; call row_put; r1 = r6; call put; r1 = r7; call put; r0 = 0; exit",
     "E0313"},
    {"row_of_the_other_or_one",
     "r8 = *(u32 *)(r1 + 0); r1 = 1; call need; r6 = r0; r1 = 2; call need; r7 = r0; r1 = r6; if r8 == 0 goto other; call row_get; r8 = r0; goto "
     "met; other:; r1 = r7; call row_get; r8 = r0; met:; r1 = r7; r2 = r8; call row_use; "
     "r1 = r8; call row_put; r1 = r6; call put; r1 = r7; call put; r0 = 0; exit",
     "E0313"},
    {"one_twice_or_both",
     "r8 = *(u32 *)(r1 + 0); r1 = 1; call need; r6 = r0; r1 = 2; call need; r7 = r0; if r8 == 0 goto other; r8 = r6; goto met; other:; r8 = r7; "
     "met:; r1 = r8; call put; r1 = r6; call put; r0 = 0; exit",
     "E0303"},
    {"both_or_one_twice",
     "r8 = *(u32 *)(r1 + 0); r1 = 1; call need; r6 = r0; r1 = 2; call need; r7 = r0; if r8 == 0 goto other; r8 = r6; goto met; other:; r8 = r7; "
     "met:; r1 = r8; call put; r1 = r7; call put; r0 = 0; exit",
     "E0303"},
    {"shut_on_the_first_path",
     "r8 = *(u32 *)(r1 + 0); call gate; r6 = r0; if r8 == 0 goto met; r1 = r6; call shut; met:; r1 = r6; call pass; r0 = 0; exit", "E0310"},
    {"shut_on_the_second_path",
     "r8 = *(u32 *)(r1 + 0); call gate; r6 = r0; if r8 == 0 goto other; goto met; other:; r1 = r6; call shut; met:; r1 = r6; call pass; r0 = 0; exit",
     "E0310"},
    {"clock_or_number",
     "r8 = *(u32 *)(r1 + 0); if r8 == 0 goto other; call clock; r6 = r0; goto met; other:; r6 = 5; met:; r1 = r6; call clock_use; r0 = 0; exit",
     "E0302"},
    {"number_or_clock",
     "r8 = *(u32 *)(r1 + 0); if r8 == 0 goto other; r6 = 5; goto met; other:; call clock; r6 = r0; met:; r1 = r6; call clock_use; r0 = 0; exit",
     "E0302"},
    // where it is not held r6 is 5, on a third path it is held for sure; no test against null tells
    {"held_sometimes_or_surely",
     "r8 = r1; r2 = *(u32 *)(r8 + 0); if r2 == 0 goto sure; r6 = 5; r2 = *(u32 *)(r8 + 0); if r2 == 0 goto met; r1 = 1; call need; r6 = r0; met:; r2 "
     "= 0; goto all; sure:; r1 = 1; call need; r6 = r0; all:; "
     "if r6 == 0 goto end; r1 = r6; call put; end:; r0 = 0; exit",
     "E0302"},
    {"flag_no_longer_says",
     "r8 = r1; r6 = 5; r7 = 0; r2 = *(u32 *)(r8 + 0); if r2 == 0 goto m1; r1 = 1; call need; r6 = r0; r7 = 1; m1:; r2 = *(u32 *)(r8 + 0); if r2 == 1 "
     "goto m3; r2 = *(u32 *)(r8 + 0); if r2 == 2 goto m2; if r7 == 0 goto m2; "
     "r1 = r6; call put; r6 = 5; m2:; r2 = 3; m3:; if r7 == 0 goto end; r1 = r6; call put; end:; r0 = 0; exit",
     "E0302"},
    {"token_or_perhaps_null",
     "r8 = *(u32 *)(r1 + 0); r6 = *(u32 *)(r1 + 0); r7 = 0; if r8 == 0 goto met; r1 = 1; call need; r6 = r0; r7 = 1; met:; if r6 == 0 goto bad; if "
     "r7 == 0 goto end; r1 = r6; call put; end:; r0 = 0; exit; bad:; r0 = r9; exit",
     "E0201"},
    {"perhaps_held_where_the_flag_is_set",
     "r8 = *(u32 *)(r1 + 0); r6 = 0; r7 = 0; if r8 == 0 goto met; r1 = 1; call get; r6 = r0; r7 = 1; met:; if r7 == 0 goto end; r1 = r6; call put; "
     "end:; r0 = 0; exit",
     "E0204"},
    {"perhaps_handed_over_where_the_flag_is_set",
     "r6 = r1; r7 = 1; if r2 == 0 goto met; if r6 == 0 goto none; r1 = r6; call put; none:; r6 = 0; r7 = 0; met:; if r7 == 0 goto end; r1 = r6; call "
     "put; end:; r0 = 0; exit",
     "E0204", "perhaps"},
};
INSTANTIATE_TEST_SUITE_P(Meeting, BeliefsTest, testing::ValuesIn(kMeeting), kName);

constexpr Case kRounds[] = {
    {"fact_of_the_other_way_in",
     "r6 = r1; r7 = 0; r2 = *(u32 *)(r6 + 0); if r2 == 0 goto other; r3 = *(u64 *)(r6 + 16); r4 = *(u64 *)(r6 + 24); r5 = r3; r5 += 8; if r5 > r4 "
     "goto end; goto head; other:; call read_begin; r7 = 1; head:; "
     "if r7 == 1 goto leave; r3 = *(u64 *)(r6 + 16); r0 = *(u8 *)(r3 + 0); r2 = *(u32 *)(r6 + 0); if r2 == 7 goto head; end:; r0 = 0; exit; leave:; "
     "call read_end; r7 = 0; goto head",
     "E0205"},
    {"range_of_the_other_way_in",
     "r6 = r1; r7 = 0; r8 = *(u32 *)(r6 + 0); r2 = *(u32 *)(r6 + 0); if r2 == 0 goto other; if r8 > 7 goto end; goto head; other:; call read_begin; "
     "r7 = 1; head:; if r7 == 1 goto leave; "
     "r3 = *(u64 *)(r6 + 16); r4 = *(u64 *)(r6 + 24); r5 = r3; r5 += 8; if r5 > r4 goto end; r3 += r8; r0 = *(u8 *)(r3 + 0); r2 = *(u32 *)(r6 + 0); "
     "if r2 == 7 goto head; end:; r0 = 0; exit; "
     "leave:; call read_end; r7 = 0; goto head",
     "E0205"},
    {"region_of_a_later_round",
     "r6 = r1; call read_begin; call free_text; r8 = r0; head:; r2 = *(u32 *)(r6 + 0); if r2 == 0 goto out; call text; r8 = r0; goto head; out:; "
     "call read_end; r0 = *(u8 *)(r8 + 0); exit",
     "E0202"},
    {"owner_of_a_later_round",
     "r5 = r1; r1 = 1; *(u64 *)(r10 - 8) = r5; call need; r6 = r0; r1 = 2; call need; r7 = r0; r1 = r6; call name; r8 = r0; head:; r2 = *(u64 *)(r10 "
     "- 8); r2 = *(u32 *)(r2 + 0); if r2 == 0 goto out; r1 = r7; call name; r8 = r0; goto head; "
     "out:; r1 = r7; call put; r7 = *(u8 *)(r8 + 0); r1 = r6; call put; r0 = 0; exit",
     "E0309"},
    {"moved_in_the_round_before",
     "r6 = r1; r2 = *(u64 *)(r6 + 16); r3 = *(u64 *)(r6 + 24); r4 = r2; r4 += 8; r0 = 0; if r4 > r3 goto end; head:; r2 = *(u64 *)(r6 + 16); r0 = "
     "*(u8 *)(r2 + 0); r1 = r6; call shift; r2 = *(u32 *)(r6 + 0); if r2 == 7 goto head; "
     "r0 = 0; end:; exit",
     "E0205"},
    {"another_result_in_the_round_before",
     "r8 = r1; call fixed; r6 = r0; r7 = r6; head:; r2 = *(u32 *)(r8 + 0); if r2 == 0 goto out; call fixed; r7 = r0; goto head; out:; if r6 == 0 "
     "goto end; r0 = *(u8 *)(r7 + 0); exit; end:; r0 = 0; exit",
     "E0204"},
    {"two_paces",
     "r6 = r1; r7 = 0; r8 = 0; head:; r2 = *(u32 *)(r6 + 0); if r2 == 0 goto out; r8 += 1; if r2 == 1 goto far; r7 += 1; goto head; far:; r7 += 2; "
     "goto head; out:; r0 = 0; if r8 > 7 goto end; r3 = *(u64 *)(r6 + 16); r4 = *(u64 *)(r6 + 24); "
     "r5 = r3; r5 += 8; if r5 > r4 goto end; r3 += r7; r0 = *(u8 *)(r3 + 0); end:; exit",
     "E0205"},
    {"when_may_goto_goes_on", "r0 = 0; may_goto end; r0 = r9; end:; exit", "E0201"},
};
INSTANTIATE_TEST_SUITE_P(Rounds, BeliefsTest, testing::ValuesIn(kRounds), kName);

constexpr Case kCalls[] = {
    {"result_of_the_other_path",
     "call f; exit; fn f(1):; r7 = r1; call gate; r6 = r0; if r7 == 0 goto other; r1 = r6; call shut; r0 = 100; exit; other:; r0 = 3; exit", "E0221",
     "narrow"},
    {"result_of_one_path",
     "call f; exit; fn f(1):; r7 = r1; call gate; r6 = r0; if r7 == 0 goto other; r1 = r6; call shut; r0 = 3; exit; other:; r0 = 100; exit", "E0221",
     "narrow"},
    {"no_result_through_a_pointer", "r2 = &f; r1 = 0; callx r2; exit; fn f(0):; exit", "E0201"},
    {"written_after_the_callback",
     "*(u64 *)(r10 - 16) = 0; r1 = r10; r1 += -8; r2 = &body; r3 = r10; r3 += -16; call visit; r6 = *(u64 *)(r10 - 8); r1 = *(u64 *)(r10 - 16); r0 = "
     "0; if r1 == 0 goto end; call put; r0 = 0; if r6 == 7 goto end; r0 = r9; end:; exit; "
     "fn body(1):; r6 = r1; r2 = *(u64 *)(r6 + 0); r0 = 0; if r2 != 0 goto done; r1 = 1; call need; *(u64 *)(r6 + 0) = r0; *(u64 *)(r6 + 8) = 7; r0 "
     "= 0; done:; exit",
     "E0201"},
    {"flag_of_which_the_low_half_counts", "r1 = 1; call need; r1 = r0; r2 = 4294967296 ll; call give; r0 = 0; exit", "E0301"},
    {"names_of_two",
     "r1 = 1; call need; r6 = r0; r1 = 2; call need; r7 = r0; r1 = r7; call name; r8 = r0; r1 = r6; call name; *(u64 *)(r10 - 8) = r0; r1 = r6; call "
     "put; r2 = *(u64 *)(r10 - 8); r6 = *(u8 *)(r2 + 0); r1 = r7; call put; r0 = *(u8 *)(r8 + 0); exit",
     "E0309"},
    {"filled_somewhere", "r2 = *(u32 *)(r1 + 0); r2 &= 8; r1 = r10; r1 += -16; r1 += r2; r2 = 8; call fill; r0 = *(u8 *)(r10 - 16); exit", "E0203"},
    {"length_below_zero", "r3 = *(u64 *)(r1 + 16); r2 = *(u32 *)(r1 + 0); r2 &= 3; r2 += -5; r1 = r3; call send; r0 = 0; exit", "E0205"},
    {"extent_that_wraps",
     "r6 = *(u64 *)(r1 + 8); r1 = r6; call twice; if r0 == 0 goto end; if r6 == 0 goto end; r0 = *(u8 *)(r0 + 0); exit; end:; r0 = 0; exit", "E0205"},
    {"into_the_context", "r1 += 8; call whole; r0 = 0; exit", "E0223"},
    {"struct_that_may_be_null", "call find_inner; r1 = r0; call take_inner; r0 = 0; exit", "E0204"},
    {"struct_that_is_not_null", "call find_inner; if r0 == 0 goto end; r1 = r0; call take_inner; end:; r0 = 0; exit", "accepted"},
    {"the_other_lock", "call pair_need; r6 = r0; r1 = r6; call lock_a; r1 = r6; call unlock_b; r1 = r6; call pair_put; r0 = 0; exit", "E0315"},
    {"left_twice", "call read_begin; call read_end; call try_end; r0 = 0; exit", "E0318"},
    {"left_perhaps", "call read_begin; call try_end; if r0 == 0 goto end; call read_end; end:; r0 = 0; exit", "accepted"},
    {"two_for_one",
     "r1 = 1; call need; r6 = r0; r1 = 2; call need; r7 = r0; r1 = r6; r2 = r7; call same; r1 = r6; call put; r1 = r7; call put; r0 = 0; exit",
     "E0305"},
    {"one_for_one", "r1 = 1; call need; r6 = r0; r1 = r6; r2 = r6; call same; r1 = r6; call put; r0 = 0; exit", "accepted"},
};
INSTANTIATE_TEST_SUITE_P(Calls, BeliefsTest, testing::ValuesIn(kCalls), kName);

constexpr Case kMemory[] = {
    {"object_read_out_of_its_place", "r1 = r10; r1 += -8; call cell_begin; r1 = *(u64 *)(r10 - 8); call cell_end; r0 = 0; exit", "E0208"},
    {"low_half_kept_in_the_stack",
     "r2 = *(u64 *)(r1 + 16); r3 = *(u64 *)(r1 + 24); r4 = *(u64 *)(r1 + 8); r5 = r2; r5 += 16; r0 = 0; if r5 > r3 goto end; *(u32 *)(r10 - 4) = r4; "
     "r5 = *(u32 *)(r10 - 4); if r5 > 8 goto end; r2 += r4; r0 = *(u8 *)(r2 + 0); end:; exit",
     "E0205"},
    {"written_at_a_variable_place",
     "r0 = 0; *(u64 *)(r10 - 8) = 0; *(u64 *)(r10 - 16) = 0; r2 = *(u32 *)(r1 + 0); r2 &= 8; r3 = r10; r3 += -16; r3 += r2; *(u64 *)(r3 + 0) = 1; r4 "
     "= *(u64 *)(r10 - 8); if r4 == 0 goto end; r0 = r9; end:; exit",
     "E0201"},
    {"atomic_on_a_slot",
     "r0 = 0; r2 = 1; *(u64 *)(r10 - 8) = 0; lock *(u64 *)(r10 - 8) += r2; r4 = *(u64 *)(r10 - 8); if r4 == 0 goto end; r0 = r9; end:; exit",
     "E0201"},
    {"exchanged", "r0 = 0; r1 = globals + 0; r2 = 1; r0 = cmpxchg_64(r1 + 0, r0, r2); if r0 == 0 goto end; r0 = r9; end:; exit", "E0201"},
    {"fetched", "r0 = 0; r1 = globals + 0; r2 = 1; r2 = atomic_fetch_add((u64 *)(r1 + 0), r2); if r2 == 1 goto end; r0 = r9; end:; exit", "E0201"},
    {"bytes_of_two_structs",
     "r6 = r1; r1 = *(u64 *)(r6 + 48); call f; r7 = r0; r1 = *(u64 *)(r6 + 56); call f; r0 -= r7; exit; fn f(1):; r0 = *(u64 *)(r1 + 0); exit",
     "E0211"},
    {"part_of_a_field", "r2 = *(u8 *)(r1 + 5); r0 = 0; if r2 > 4 goto end; r0 = r9; end:; exit", "E0201"},
    {"distance_between_memories", "r2 = *(u64 *)(r1 + 16); r3 = *(u64 *)(r1 + 32); r2 -= r3; r0 = 0; exit", "E0211"},
};
INSTANTIATE_TEST_SUITE_P(Memory, BeliefsTest, testing::ValuesIn(kMemory), kName);

// r2 is the start of the memory, r3 its end, 16 bytes are there; r4 any u64, r5 any u32.
#define WITH_16_BYTES \
  "r2 = *(u64 *)(r1 + 16); r3 = *(u64 *)(r1 + 24); r4 = *(u64 *)(r1 + 8); r5 = *(u32 *)(r1 + 0); r6 = r2; r6 += 16; r0 = 0; if r6 > r3 goto end; "
constexpr Case kArithmetic[] = {
    {"sum_of_32_bits", WITH_16_BYTES "w6 = w5; w6 += 4; if r6 > 8 goto end; r2 += r5; r0 = *(u8 *)(r2 + 0); end:; exit", "E0205"},
    {"low_half_of_a_multiple",
     WITH_16_BYTES "r4 = *(s32 *)(r1 + 0); r4 <<= 31; if r4 == 0 goto end; w6 = w4; if r6 == 0 goto bad; goto end; bad:; r0 = r9; end:; exit",
     "E0201"},
    {"bits_of_the_low_half", WITH_16_BYTES "if w4 & -4 goto end; r2 += r4; r0 = *(u8 *)(r2 + 0); end:; exit", "E0205"},
    {"shifted_out", WITH_16_BYTES "r6 = r4; r6 <<= 8; r6 >>= 8; if r6 > 8 goto end; r2 += r4; r0 = *(u8 *)(r2 + 0); end:; exit", "E0205"},
    {"low_half_of_a_difference",
     WITH_16_BYTES "r6 = r2; r6 += r5; if r6 > r3 goto end; r5 += -5; w6 = w5; r2 += r6; r0 = *(u8 *)(r2 + 0); end:; exit", "E0205"},
    {"half_of_a_difference", WITH_16_BYTES "r6 = r2; r6 += r5; if r6 > r3 goto end; r5 += -5; r5 >>= 1; r2 += r5; r0 = *(u8 *)(r2 + 0); end:; exit",
     "E0205"},
};
INSTANTIATE_TEST_SUITE_P(Arithmetic, BeliefsTest, testing::ValuesIn(kArithmetic), kName);
#undef WITH_16_BYTES

verify::Proof proof_of(const std::string& text) {
  auto program = assemble_program(text, {.hook = "t", .globals = std::vector<std::byte>(64)});
  auto declarations = std::make_shared<const interface::Declarations>(*interface::parse(kInterface, "test.tni"));
  auto proof = verify::prove(std::move(program), std::move(declarations));
  if (!proof) throw std::invalid_argument(to_text(proof.error()));
  return std::move(*proof);
}

// Instruction 7 (or 8) is reached in two states that stay apart, since a mode is entered in one of them.
constexpr const char* kTwice =
    "r6 = *(u32 *)(r1 + 0); if r6 == 0 goto other; {}; r7 = 0; goto met; other:; call read_begin; {}; r7 = 1; met:; r0 = *(u8 *)(r1 + 0); if r7 == 0 "
    "goto end; call read_end; end:; r0 = 0; exit";

std::string twice(const std::string& first, const std::string& second) {
  std::string text = kTwice;
  text.replace(text.find("{}"), 2, first);
  return text.replace(text.find("{}"), 2, second);
}

verify::AccessFacts access_of(const verify::Proof& proof) {
  for (std::uint32_t i = static_cast<std::uint32_t>(proof.program().insns().size()); i-- > 0;) {
    if (std::holds_alternative<isa::Load>(proof.program().insns()[i])) return proof.access(ir::InsnIdx(i));
  }
  return {};
}

TEST(Findings, AGuardIsNeededIfOnePathNeedsIt) {
  EXPECT_TRUE(access_of(proof_of(twice("r1 = globals + 0", "r1 = globals + 8"))).in_globals);
  EXPECT_FALSE(access_of(proof_of(twice("r1 = globals + 0", "r1 = globals + 64"))).in_globals);
  EXPECT_FALSE(access_of(proof_of(twice("r1 = globals + 64", "r1 = globals + 0"))).in_globals);
  EXPECT_TRUE(access_of(proof_of("r1 = globals + 56; r0 = *(u64 *)(r1 + 0); exit")).in_globals);
  EXPECT_FALSE(access_of(proof_of("r1 = globals + 57; r0 = *(u64 *)(r1 + 0); exit")).in_globals);
}

TEST(Findings, MemoryIsSharedIfOnePathSharesIt) {
  EXPECT_FALSE(access_of(proof_of(twice("call secret; r1 = r0", "call secret; r1 = r0"))).shared);
  EXPECT_TRUE(access_of(proof_of(twice("call common; r1 = r0", "call secret; r1 = r0"))).shared);
  EXPECT_TRUE(access_of(proof_of(twice("call secret; r1 = r0", "call common; r1 = r0"))).shared);
}

TEST(Findings, AFrameWhoseAddressIsANumberLivesInTheHeap) {
  EXPECT_FALSE(proof_of("*(u64 *)(r10 - 8) = 1; r0 = *(u64 *)(r10 - 8); exit").function(ir::FunctionIdx(0)).heap_frame);
  EXPECT_TRUE(proof_of("*(u64 *)(r10 - 8) = 1; r0 = r10; r0 &= 4095; exit").function(ir::FunctionIdx(0)).heap_frame);
}

TEST(Findings, RecursionIsSeenThroughOthersAndThroughPointers) {
  const auto one = proof_of("r1 = 3; call f; exit; fn f(1):; r0 = r1; exit");
  EXPECT_FALSE(one.function(ir::FunctionIdx(1)).recursive);
  const auto mutual = proof_of(
      "r1 = 3; call f; exit; fn f(1):; r0 = 0; if r1 == 0 goto end; r1 >>= 1; call g; end:; exit; fn g(1):; r0 = 0; if r1 == 0 goto end; r1 >>= 1; "
      "call f; end:; exit");
  EXPECT_TRUE(mutual.function(ir::FunctionIdx(1)).recursive);
  EXPECT_TRUE(mutual.function(ir::FunctionIdx(2)).recursive);
  const auto indirect = proof_of("r1 = 3; call f; exit; fn f(1):; r0 = 0; if r1 == 0 goto end; r1 >>= 1; r2 = &f; callx r2; end:; exit");
  EXPECT_TRUE(indirect.function(ir::FunctionIdx(1)).recursive);
}

}  // namespace
}  // namespace tenon::test
