// SPDX-License-Identifier: Apache-2.0
// Programs that were accepted once and must not be, or would be by a verifier with one check less. Each says what goes wrong when it runs.
#include <gtest/gtest.h>

#include "unit/verify/prove_text.hpp"

namespace tenon::test {
namespace {

struct Attack {
  const char* name;
  const char* text;
  const char* hook = "t";
};

void PrintTo(const Attack& attack, std::ostream* out) { *out << attack.name; }

class UnsoundTest : public testing::TestWithParam<Attack> {};

TEST_P(UnsoundTest, IsRejected) { EXPECT_NE(verdict(GetParam().text, GetParam().hook), "accepted"); }

constexpr Attack kContext[] = {
    {"offset_of_4_gib", "r2 = 4294967296 ll; r1 += r2; r0 = *(u64 *)(r1 + 16); exit"},
    {"byte_before", "r0 = *(u8 *)(r1 - 1); exit"},
    {"word_across_the_start", "r0 = *(u64 *)(r1 - 4); exit"},
    {"store_before", "*(u8 *)(r1 - 1) = 1; r0 = 0; exit"},
    {"limit_at_4_gib", "r2 = 4294967296 ll; r1 += r2; *(u64 *)(r1 + 16) = 0; r0 = 0; exit"},
};
INSTANTIATE_TEST_SUITE_P(Context, UnsoundTest, testing::ValuesIn(kContext), [](const auto& info) { return info.param.name; });

// Where the bad instruction lies: beyond a test that "cannot" succeed.
constexpr Attack kNull[] = {
    // &g - (u64)&g is 0
    {"global_minus_itself",
     "r6 = r1; r2 = globals + 0; *(u64 *)(r2 + 0) = r2; r3 = *(u64 *)(r2 + 0); r3 = -r3; r2 += r3; r0 = 0; if r2 == 0 goto bad; exit; bad:; "
     "r1 = *(u64 *)(r6 + 24); r0 = *(u64 *)(r1 + 0); exit"},
    {"memory_plus_anything",
     "r6 = r1; r2 = *(u64 *)(r1 + 24); r3 = *(u64 *)(r1 + 16); r2 += r3; r0 = 0; if r2 == 0 goto bad; exit; bad:; r1 = *(u64 *)(r6 + 24); r0 = *(u64 "
     "*)(r1 + 0); exit"},
    {"memory_minus_a_base_at_4096",
     "r6 = r1; r2 = *(u64 *)(r1 + 24); r2 += -4096; r0 = 0; if r2 == 0 goto bad; exit; bad:; r1 = *(u64 *)(r6 + 24); r0 = *(u64 *)(r1 + 0); exit"},
    {"frame_plus_anything",
     "r6 = r1; r2 = r10; r3 = *(u64 *)(r1 + 16); r2 += r3; r0 = 0; if r2 != 0 goto end; r1 = *(u64 *)(r6 + 24); r0 = *(u64 *)(r1 + 0); end:; exit"},
    {"context_plus_anything",
     "r6 = r1; r2 = r1; r3 = *(u64 *)(r1 + 16); r2 += r3; r0 = 0; if r2 == 0 goto bad; exit; bad:; r1 = *(u64 *)(r6 + 24); r0 = *(u64 *)(r1 + 0); "
     "exit"},
    // data and data_end may both be null when there is nothing between them
    {"empty_memory_at_null_is_tested", "r2 = *(u64 *)(r1 + 24); r0 = 0; if r2 == 0 goto bad; exit; bad:; r0 = *(u8 *)(r2 + 0); exit"},
    {"empty_memory_at_null_is_counted_down",  // data - n >= data holds for every n when data is null, so n is not 0
     "r2 = *(u64 *)(r1 + 24); r4 = *(u32 *)(r1 + 0); r4 &= 1023; r5 = r2; r5 -= r4; r0 = 0; if r5 < r2 goto end; "
     "r6 = *(u64 *)(r1 + 40); r7 = *(u64 *)(r1 + 48); r8 = r6; r8 += 1; if r8 > r7 goto end; r6 += r4; r0 = *(u8 *)(r6 + 0); end:; exit"},
    // r6 is data + s with s >= 8, and s <= r8; where r6 becomes null, r8 becomes 0: nothing is left that makes it 8
    {"null_measures_nothing",
     "r9 = r1; r5 = *(u64 *)(r1 + 24); r6 = r5; r6 += 8; r7 = *(u64 *)(r1 + 32); r8 = 8; head:; r2 = *(u32 *)(r9 + 0); r0 = 0; if r2 == 0 goto end; "
     "if r2 == 2 goto access; if r2 == 1 goto null; r6 = r5; r2 &= 255; r2 |= 8; r6 += r2; r8 = *(u32 *)(r9 + 0); r3 = r5; r3 += r8; if r6 > r3 goto "
     "end; goto head; "
     "null:; r6 = 0; r8 = 0; goto head; access:; if r6 == 0 goto read; read:; r3 = r5; r3 += r8; if r3 > r7 goto end; r0 = *(u8 *)(r3 - 8); end:; "
     "exit"},
};
INSTANTIATE_TEST_SUITE_P(Null, UnsoundTest, testing::ValuesIn(kNull), [](const auto& info) { return info.param.name; });

constexpr Attack kArithmetic[] = {
    // 5 / -5 is -1 as s32, 4294967295 as the register
    {"signed_division_by_a_negative",
     "r2 = *(u64 *)(r1 + 24); r3 = *(u64 *)(r1 + 32); r4 = *(u32 *)(r1 + 0); r5 = r2; r5 += 1; r0 = 0; if r5 > r3 goto end; w4 &= 1023; w4 s/= -5; "
     "r2 += r4; r0 = *(u8 *)(r2 + 0); end:; exit"},
    {"signed_division_by_a_negative_register",
     "r2 = *(u64 *)(r1 + 24); r3 = *(u64 *)(r1 + 32); r4 = *(u32 *)(r1 + 0); r5 = r2; r5 += 1; r0 = 0; if r5 > r3 goto end; w4 &= 1023; w5 = -5; w4 "
     "s/= w5; "
     "r2 += r4; r0 = *(u8 *)(r2 + 0); end:; exit"},
    // n <= 8 as 32-bit number, but the register's upper half is full
    {"low_half_compared",
     "r2 = *(u64 *)(r1 + 24); r3 = *(u64 *)(r1 + 32); r4 = *(u64 *)(r1 + 16); r5 = r2; r5 += 16; r0 = 0; if r5 > r3 goto end; if w4 > 8 goto end; "
     "r2 += r4; r0 = *(u8 *)(r2 + 0); end:; exit"},
    {"signed_compared",
     "r2 = *(u64 *)(r1 + 24); r3 = *(u64 *)(r1 + 32); r4 = *(u64 *)(r1 + 16); r5 = r2; r5 += 16; r0 = 0; if r5 > r3 goto end; if r4 s> 8 goto end; "
     "r2 += r4; r0 = *(u8 *)(r2 + 0); end:; exit"},
    {"bound_after_wrap",  // n + 4 <= 8 holds for n = -4
     "r2 = *(u64 *)(r1 + 24); r3 = *(u64 *)(r1 + 32); r4 = *(u64 *)(r1 + 16); r5 = r2; r5 += 16; r0 = 0; if r5 > r3 goto end; r5 = r4; r5 += 4; "
     "if r5 > 8 goto end; r2 += r4; r0 = *(u8 *)(r2 + 0); end:; exit"},
    {"pointer_wraps",  // data + n <= data_end holds for huge n
     "r2 = *(u64 *)(r1 + 24); r3 = *(u64 *)(r1 + 32); r4 = *(u64 *)(r1 + 16); r2 += r4; r5 = r2; r5 += 1; r0 = 0; if r5 > r3 goto end; "
     "r0 = *(u8 *)(r2 + 0); end:; exit"},
    {"scaled_wraps",  // 8 * n wraps for n = 2^61
     "r2 = *(u64 *)(r1 + 24); r3 = *(u64 *)(r1 + 32); r4 = *(u64 *)(r1 + 16); r5 = r4; r5 <<= 3; r3 -= r2; r0 = 0; if r5 >= r3 goto end; r2 += r4; "
     "r0 = *(u8 *)(r2 + 0); end:; exit"},
    {"narrow_copy_wraps",  // the low half of n is below the size, n is not
     "r2 = *(u64 *)(r1 + 24); r3 = *(u64 *)(r1 + 32); r4 = *(u64 *)(r1 + 16); w5 = w4; r3 -= r2; r0 = 0; if r5 >= r3 goto end; r2 += r4; "
     "r0 = *(u8 *)(r2 + 0); end:; exit"},
    {"sign_extension_of_an_index",
     "r2 = *(u64 *)(r1 + 24); r3 = *(u64 *)(r1 + 32); r4 = *(u32 *)(r1 + 0); r5 = r2; r5 += 256; r0 = 0; if r5 > r3 goto end; w4 &= 255; r4 = "
     "(s8)r4; "
     "r2 += r4; r0 = *(u8 *)(r2 + 0); end:; exit"},
    // r4 is 2^36 where the shift to the left is jumped over, so 16 after the one to the right; no low half of anything
    {"half_of_an_extension",
     "r2 = *(u64 *)(r1 + 24); r3 = *(u64 *)(r1 + 32); r4 = *(u32 *)(r1 + 0); r5 = r2; r5 += 8; r0 = 0; if r5 > r3 goto end; r5 = *(u32 *)(r1 + 0); "
     "w4 &= 7; "
     "if r5 == 0 goto shifted; r4 = *(u64 *)(r1 + 16); goto back; shifted:; r4 <<= 32; back:; r4 >>= 32; r2 += r4; r0 = *(u8 *)(r2 + 0); end:; exit"},
    {"extension_of_another_register",
     "r2 = *(u64 *)(r1 + 24); r3 = *(u64 *)(r1 + 32); r4 = *(u32 *)(r1 + 0); r6 = *(u64 *)(r1 + 16); r5 = r2; r5 += 8; r0 = 0; if r5 > r3 goto end; "
     "w4 &= 7; "
     "r4 <<= 32; r6 >>= 32; r2 += r6; r0 = *(u8 *)(r2 + 0); end:; exit"},
    {"mask_that_drops_a_bit",
     "r2 = *(u64 *)(r1 + 24); r3 = *(u64 *)(r1 + 32); r4 = *(u64 *)(r1 + 16); r3 -= r2; r0 = 0; if r4 >= r3 goto end; r5 = r4; r5 &= 254; r3 = r4; "
     "r3 -= r5; "
     "if r3 != 0 goto bad; exit; bad:; r0 = *(u8 *)(r2 + 70000); end:; exit"},
    {"minus_one_below_a_bound",  // n - 1 <= 7 says nothing of n - 9
     "r2 = *(u64 *)(r1 + 24); r3 = *(u64 *)(r1 + 32); r4 = *(u64 *)(r1 + 16); r5 = r2; r5 += 16; r0 = 0; if r5 > r3 goto end; r5 = r4; r5 += -1; if "
     "r5 > 7 goto end; "
     "r2 += r4; r0 = *(u8 *)(r2 - 2); end:; exit"},
    {"other_memory",  // text and data have nothing to do with one another
     "r2 = *(u64 *)(r1 + 24); r3 = *(u64 *)(r1 + 48); r4 = *(u64 *)(r1 + 40); r5 = r4; r5 += 1; r0 = 0; if r5 > r3 goto end; r0 = *(u8 *)(r2 + 0); "
     "end:; exit"},
};
INSTANTIATE_TEST_SUITE_P(Arithmetic, UnsoundTest, testing::ValuesIn(kArithmetic), [](const auto& info) { return info.param.name; });

constexpr Attack kStack[] = {
    // what a host function may write it need not write
    {"perhaps_written_by_the_host", "r1 = r10; r1 += -8; call note; r0 = *(u64 *)(r10 - 8); exit"},
};
INSTANTIATE_TEST_SUITE_P(Stack, UnsoundTest, testing::ValuesIn(kStack), [](const auto& info) { return info.param.name; });

constexpr Attack kRecursion[] = {
    // f leaves r0 unset on one path; its recursive call must not count on r0
    {"result_assumed_while_running", "r1 = 1; call f; r0 = 0; exit; fn f(1):; if r1 == 0 goto base; r1 = 0; call f; r2 = r0; exit; base:; exit"},
    // g was judged while f was thought to be sound with any number
    {"sound_only_while_running",
     "r6 = r1; r1 = *(u32 *)(r1 + 0); call f; if r0 == 0 goto end; r1 = r0; call put; end:; r0 = 0; exit;"
     "fn f(1):; r6 = r1; call g; r1 = r6; call get; exit;"
     "fn g(1):; r0 = 0; if r1 == 0 goto out; r1 = 0; call f; r0 = 0; out:; exit"},
};
INSTANTIATE_TEST_SUITE_P(Recursion, UnsoundTest, testing::ValuesIn(kRecursion), [](const auto& info) { return info.param.name; });

constexpr Attack kObjects[] = {
    {"lent_and_given_away_by_one_call", "r1 = 1; call need; r1 = r0; r2 = r0; call swap; r1 = r0; call put; r0 = 0; exit"},
};
INSTANTIATE_TEST_SUITE_P(Objects, UnsoundTest, testing::ValuesIn(kObjects), [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace tenon::test
