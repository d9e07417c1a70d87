// SPDX-License-Identifier: Apache-2.0
// What host functions, contexts and hooks may be given: pairs of programs, one accepted, its twin rejected with one code.
#include <gtest/gtest.h>

#include "unit/verify/prove_text.hpp"

namespace tenon::test {
namespace {

struct Case {
  const char* name;
  const char* text;
  const char* expected = "accepted";
  const char* hook = "t";
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

class HostCallsTest : public testing::TestWithParam<Case> {};

TEST_P(HostCallsTest, Verdict) { EXPECT_EQ(verdict(GetParam().text, GetParam().hook), GetParam().expected); }

const auto kName = [](const auto& info) { return std::string(info.param.name); };

constexpr Case kLengths[] = {
    {"heap_of_any_length", "r2 = r1; r1 = globals + 0; call send; r0 = 0; exit", "accepted", "number"},
    {"stack_filled", "r1 = r10; r1 += -16; r2 = 16; call fill; r0 = *(u8 *)(r10 - 1); exit"},
    {"stack_filled_short", "r1 = r10; r1 += -16; r2 = 8; call fill; r0 = *(u8 *)(r10 - 1); exit", "E0203"},
    {"stack_overflowed", "r1 = r10; r1 += -16; r2 = 17; call fill; r0 = 0; exit", "E0206"},
    {"stack_sent_unset", "r1 = r10; r1 += -16; r2 = 8; call send; r0 = 0; exit", "E0203"},
    {"stack_sent_up_to", "*(u64 *)(r10 - 8) = 1; r2 = *(u32 *)(r1 + 0); r2 &= 7; r1 = r10; r1 += -8; call send; r0 = 0; exit"},
    {"stack_sent_up_to_unset", "*(u64 *)(r10 - 8) = 1; r2 = *(u32 *)(r1 + 0); r2 &= 15; r1 = r10; r1 += -16; call send; r0 = 0; exit", "E0203"},
    {"stack_filled_up_to", "r2 = *(u32 *)(r1 + 0); r2 &= 7; r1 = r10; r1 += -8; call fill; r0 = *(u8 *)(r10 - 8); exit", "E0203"},
    {"fill_forgets_pointers",
     "r2 = *(u64 *)(r1 + 24); *(u64 *)(r10 - 8) = r2; r1 = r10; r1 += -8; r2 = 8; call fill; r1 = *(u64 *)(r10 - 8); r0 = *(u64 *)(r10 - 8); exit"},
    {"fill_over_a_part_of_a_pointer",
     "r2 = *(u64 *)(r1 + 24); *(u64 *)(r10 - 8) = r2; r1 = r10; r1 += -8; r2 = 4; call fill; r0 = *(u64 *)(r10 - 8); exit", "E0203"},
    {"pointers_sent", "r2 = *(u64 *)(r1 + 24); *(u64 *)(r10 - 8) = r2; r1 = r10; r1 += -8; r2 = 8; call send; r0 = 0; exit", "E0208"},
    {"packet_sent", "r2 = *(u64 *)(r1 + 32); r1 = *(u64 *)(r1 + 24); r2 -= r1; r3 = 100; if r2 > r3 goto end; call send; end:; r0 = 0; exit"},
    {"packet_and_one_sent",
     "r2 = *(u64 *)(r1 + 32); r1 = *(u64 *)(r1 + 24); r2 -= r1; r3 = 100; if r2 > r3 goto end; r2 += 1; call send; end:; r0 = 0; exit", "E0205"},
    // the function reads 32 bits of the length
    {"length_with_a_full_upper_half", "r2 = *(u64 *)(r1 + 16); r1 = *(u64 *)(r1 + 24); call send; r0 = 0; exit", "E0205"},
    {"length_cut_to_its_low_half", "r2 = *(u64 *)(r1 + 32); r1 = *(u64 *)(r1 + 24); r2 -= r1; w2 = w2; call send; r0 = 0; exit"},
    {"low_half_of_a_huge_length",  // n + 2^32: the function reads n
     "r2 = *(u64 *)(r1 + 32); r1 = *(u64 *)(r1 + 24); r2 -= r1; r3 = 100; if r2 > r3 goto end; r4 = 4294967296 ll; r2 += r4; call send; end:; r0 = "
     "0; exit",
     "E0205"},
    {"elements_counted", "r2 = *(u64 *)(r1 + 32); r1 = *(u64 *)(r1 + 24); r2 -= r1; r2 >>= 3; call send64; r0 = 0; exit"},
    {"elements_taken_for_bytes", "r2 = *(u64 *)(r1 + 32); r1 = *(u64 *)(r1 + 24); r2 -= r1; call send64; r0 = 0; exit", "E0205"},
    {"elements_that_wrap", "r2 = 2305843009213693952 ll; r1 = *(u64 *)(r1 + 24); call send64; r0 = 0; exit", "E0222"},
    {"read_only_memory_filled", "r2 = 0; r1 = *(u64 *)(r1 + 40); call fill; r0 = 0; exit", "E0215"},
    {"read_only_memory_written",
     "r2 = *(u64 *)(r1 + 48); r1 = *(u64 *)(r1 + 40); r3 = r1; r3 += 1; if r3 > r2 goto end; *(u8 *)(r1 + 0) = 1; end:; r0 = 0; exit", "E0215"},
    {"context_as_memory", "r2 = 8; call send; r0 = 0; exit", "E0223"},
    {"host_pointer_as_length", "r2 = *(u64 *)(r1 + 24); r1 = globals + 0; call send; r0 = 0; exit", "E0211"},
    {"null_or_memory", "r1 = 0; call either; r0 = 0; exit"},
    {"maybe_null_passed", "call fixed; r1 = r0; call either; r0 = 0; exit", "E0204"},
    {"heap_here_host_there",
     "r2 = *(u64 *)(r1 + 24); r3 = *(u64 *)(r1 + 32); r4 = r2; r4 += 8; r1 = globals + 0; if r4 > r3 goto go; r1 = r2; go:; call either; r0 = 0; "
     "exit",
     "E0213"},
};
INSTANTIATE_TEST_SUITE_P(Lengths, HostCallsTest, testing::ValuesIn(kLengths), kName);

constexpr Case kResults[] = {
    {"fixed_memory", "call fixed; if r0 == 0 goto end; r0 = *(u64 *)(r0 + 8); exit; end:; exit"},
    {"fixed_memory_untested", "call fixed; r0 = *(u64 *)(r0 + 8); exit", "E0204"},
    {"fixed_memory_past_the_end", "call fixed; if r0 == 0 goto end; r0 = *(u64 *)(r0 + 9); exit; end:; exit", "E0205"},
    {"untested_offset", "call fixed; r0 += 8; if r0 == 0 goto end; r0 = *(u8 *)(r0 + 0); exit; end:; exit", "E0204"},
    {"copies_are_tested_together", "call fixed; r6 = r0; if r0 == 0 goto end; r0 = *(u8 *)(r6 + 0); exit; end:; exit"},
    {"another_result_is_not", "call fixed; r6 = r0; call fixed; if r0 == 0 goto end; r0 = *(u8 *)(r6 + 0); exit; end:; exit", "E0204"},
    {"sized_memory",
     "r6 = *(u32 *)(r1 + 0); r1 = r6; call sized; if r0 == 0 goto end; r7 = 0; loop:; if r7 >= r6 goto end; r1 = r0; r1 += r7; r2 = *(u8 *)(r1 + 0); "
     "r7 += 1; "
     "goto loop; end:; r0 = 0; exit"},
    {"sized_memory_one_more",
     "r6 = *(u32 *)(r1 + 0); r1 = r6; call sized; if r0 == 0 goto end; r7 = 0; loop:; if r7 > r6 goto end; r1 = r0; r1 += r7; r2 = *(u8 *)(r1 + 0); "
     "r7 += 1; "
     "goto loop; end:; r0 = 0; exit",
     "E0205"},
    {"size_with_a_full_upper_half",
     "r6 = *(u64 *)(r1 + 16); r1 = r6; call sized; if r0 == 0 goto end; if r6 == 0 goto end; r0 = *(u8 *)(r0 + 0); end:; r0 = 0; exit", "E0205"},
    // each round has memory of its own: a bound in one round's is none in the next one's
    {"memory_of_two_rounds",
     "r6 = r1; r7 = 0; r8 = *(u32 *)(r6 + 0); loop:; r1 = *(u32 *)(r6 + 0); call sized; if r0 == 0 goto end; r1 = r7; r7 = r0; if r1 == 0 goto loop; "
     "r2 = r7; r2 += 1; r3 = r1; r3 += 1; if r2 > r3 goto end; goto loop; end:; r0 = 0; exit",
     "E0202"},
    {"distance_of_two_results", "call fixed; r6 = r0; if r6 == 0 goto end; call fixed; if r0 == 0 goto end; r0 -= r6; exit; end:; r0 = 0; exit",
     "E0211"},
    {"order_of_two_results", "call fixed; r6 = r0; if r6 == 0 goto end; call fixed; if r0 == 0 goto end; if r0 > r6 goto end; end:; r0 = 0; exit",
     "E0214"},
    {"plain_objects", "call root; r1 = r0; call child; if r0 == 0 goto end; r1 = r0; call child; end:; r0 = 0; exit"},
    {"plain_object_untested", "call root; r1 = r0; call child; r1 = r0; call child; r0 = 0; exit", "E0204"},
    {"plain_object_dereferenced", "call root; r0 = *(u8 *)(r0 + 0); exit", "E0212"},
    {"walk", "call root; loop:; r1 = r0; call child; if r0 != 0 goto loop; exit"},
    {"walk_untested", "call root; r6 = 9; loop:; r1 = r0; call child; r6 += -1; if r6 != 0 goto loop; r0 = 0; exit", "E0204"},
};
INSTANTIATE_TEST_SUITE_P(Results, HostCallsTest, testing::ValuesIn(kResults), kName);

constexpr Case kRanges[] = {
    {"argument_in_range", "r1 = *(u32 *)(r1 + 0); r1 &= 7; call small; r0 = 0; exit"},
    {"argument_out_of_range", "r1 = *(u32 *)(r1 + 0); r1 &= 15; call small; r0 = 0; exit", "E0224"},
    {"argument_low_half_in_range", "r2 = 30064771072 ll; r2 += 5; r1 = r2; call small; r0 = 0; exit"},
    {"argument_wrapped", "r1 = *(u32 *)(r1 + 0); r1 &= 7; r1 += -1; call small; r0 = 0; exit", "E0224"},
    {"argument_is_a_host_pointer", "r1 = *(u64 *)(r1 + 24); call small; r0 = 0; exit", "E0211"},
    {"field_in_range", "r2 = *(u64 *)(r1 + 16); if r2 > 100 goto end; *(u64 *)(r1 + 8) = r2; end:; r0 = 0; exit"},
    {"field_out_of_range", "r2 = *(u64 *)(r1 + 16); if r2 > 101 goto end; *(u64 *)(r1 + 8) = r2; end:; r0 = 0; exit", "E0219"},
    {"field_in_part", "*(u32 *)(r1 + 12) = 1; r0 = 0; exit", "E0219"},
    {"field_is_in_range", "r2 = *(u64 *)(r1 + 8); *(u64 *)(r1 + 8) = r2; r0 = 0; exit"},
    {"unrestricted_field", "r2 = *(u64 *)(r1 + 8); r2 += 7; *(u64 *)(r1 + 16) = r2; *(u8 *)(r1 + 23) = 1; r0 = 0; exit"},
    {"read_only_field", "*(u32 *)(r1 + 0) = 1; r0 = 0; exit", "E0215"},
    {"across_two_fields", "r0 = *(u64 *)(r1 + 12); exit", "E0217"},
    {"half_a_pointer", "r0 = *(u32 *)(r1 + 24); exit", "E0217"},
    {"result_in_range", "r0 = r1; r0 &= 3; exit", "accepted", "narrow"},
    {"result_out_of_range", "r0 = r1; r0 &= 7; exit", "E0221", "narrow"},
    {"result_low_half_in_range", "w0 = w1; w0 &= 3; r1 = 8589934592 ll; r0 += r1; exit", "accepted", "narrow"},
    {"result_signed_in_range", "r0 = r1; if w0 s> 4 goto zero; exit; zero:; r0 = 0; exit", "E0221", "narrow"},
    {"bit_set_says_nothing_of_others", "r0 = r1; if r0 & 4 goto big; exit; big:; r0 = 4; exit", "E0221", "narrow"},
    {"bits_clear", "r0 = r1; r2 = -4; if r0 & r2 goto big; exit; big:; r0 = 4; exit", "accepted", "narrow"},
    {"no_result", "exit", "E0201", "narrow"},
};
INSTANTIATE_TEST_SUITE_P(Ranges, HostCallsTest, testing::ValuesIn(kRanges), kName);

constexpr Case kOwned[] = {
    {"swapped",
     "r1 = 1; call need; r6 = r0; r1 = 2; call need; r1 = r6; r2 = r0; call swap; r7 = r0; r1 = r6; call put; r1 = r7; call put; r0 = 0; exit"},
    {"swapped_and_used",
     "r1 = 1; call need; r6 = r0; r1 = 2; call need; r7 = r0; r1 = r6; r2 = r7; call swap; r8 = r0; r1 = r7; call look; r1 = r8; call put; r1 = r6; "
     "call put; r0 = 0; exit",
     "E0303"},
    {"result_of_swap_forgotten", "r1 = 1; call need; r6 = r0; r1 = 2; call need; r1 = r6; r2 = r0; call swap; r1 = r6; call put; r0 = 0; exit",
     "E0301"},
    {"maybe_null_put", "r1 = 1; call get; r1 = r0; call put; r0 = 0; exit", "E0204"},
    {"number_put", "r1 = 1; call put; r0 = 0; exit", "E0302"},
    {"plain_for_counted", "call root; r1 = r0; call look; r0 = 0; exit", "E0302"},
    {"stopped_while_held", "r1 = 1; call need; r1 = 7; call stop; exit"},
    {"beyond_a_stop", "r1 = 7; call stop; r1 = 0; r0 = *(u8 *)(r9 + 0); exit"},
    {"displaced", "r1 = 1; call need; r0 += 8; r1 = r0; call put; r0 = 0; exit", "E0211"},
    {"through_a_slot", "r1 = 1; call need; *(u64 *)(r10 - 8) = r0; r1 = *(u64 *)(r10 - 8); call put; r0 = 0; exit"},
    {"slot_used_again",
     "r1 = 1; call need; *(u64 *)(r10 - 8) = r0; r1 = *(u64 *)(r10 - 8); call put; r1 = *(u64 *)(r10 - 8); call look; r0 = 0; exit", "E0303"},
    {"slot_written_over_in_part", "r1 = 1; call need; *(u64 *)(r10 - 8) = r0; *(u8 *)(r10 - 3) = 0; r1 = *(u64 *)(r10 - 8); call put; r0 = 0; exit",
     "E0203"},
};
INSTANTIATE_TEST_SUITE_P(Owned, HostCallsTest, testing::ValuesIn(kOwned), kName);

constexpr Case kBuffer[] = {
    {"whole_buffer",
     "r0 = 0; r3 = 0; loop:; if r3 >= r2 goto end; r4 = r1; r4 += r3; r5 = *(u8 *)(r4 + 0); r0 += r5; *(u8 *)(r4 + 0) = 0; r3 += 1; goto loop; end:; "
     "exit",
     "accepted", "buffer"},
    {"beyond_the_buffer",
     "r0 = 0; r3 = 0; loop:; if r3 > r2 goto end; r4 = r1; r4 += r3; r5 = *(u8 *)(r4 + 0); r0 += r5; r3 += 1; goto loop; end:; exit", "E0205",
     "buffer"},
    {"empty_buffer", "r0 = *(u8 *)(r1 + 0); exit", "E0205", "buffer"},
};
INSTANTIATE_TEST_SUITE_P(Buffer, HostCallsTest, testing::ValuesIn(kBuffer), kName);

}  // namespace
}  // namespace tenon::test
