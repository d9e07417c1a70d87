// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

static __attribute__((noinline)) void split(u64 n, u64 *low, u64 *high)
{
	*low = n & 15;
	*high = n >> 4;
}

SEC("raw") u64 local_by_reference(struct raw_context *ctx)
{
	u64 low, high;

	split(ctx->data_end - ctx->data, &low, &high);
	return low * 100 + high;
}
