// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

static __attribute__((noinline)) u64 depth(u8 *p, u8 *end)
{
	if (p >= end)
		return 0;
	return depth(p + *p + 1, end) * 3 + 1; // ERROR: E0405
}

SEC("raw") u64 recursion_with_memory(struct raw_context *ctx)
{
	return depth(ctx->data, ctx->data_end);
}
