// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 4
#include <raw.h>
#include <tn/exception.h>

u64 index = 2;

static void range(void *arg)
{
	u64 i = index, table[4] = {0, 0, 4, 0};

	bpf_assert_range_with(i, 0, 3, 9);
	bpf_throw(table[i]);
}
static void below(void *arg)
{
	s64 i = (s64)index - 5;

	bpf_assert_ge_with(i, -2, 4);
}

SEC("raw") u64 f(struct raw_context *ctx)
{
	u64 in_range = tn_try(range, 0) ? tn_cookie() : 100;
	u64 too_low = tn_try(below, 0) ? tn_cookie() : 100;

	return in_range == too_low ? in_range : 0;
}
