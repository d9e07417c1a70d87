// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

static __attribute__((noinline)) u64 either(const u64 *a, u64 n)
{
	return n ? *a : 0; // ERROR: E0203
}

SEC("raw") u64 local_by_reference_unset(struct raw_context *ctx)
{
	u64 low[1];
	u64 n = ctx->data_end - ctx->data;

	return either(low, n & 1);
}
