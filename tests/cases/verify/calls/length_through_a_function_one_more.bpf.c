// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

static __attribute__((noinline)) u64 sum(const u8 *p, u64 n)
{
	u64 total = 0;

	for (u64 i = 0; i < n; i++)
		total += p[i]; // ERROR: E0205
	return total;
}

SEC("raw") u64 length_through_a_function_one_more(struct raw_context *ctx)
{
	return sum(ctx->data + 1, ctx->data_end - ctx->data);
}
