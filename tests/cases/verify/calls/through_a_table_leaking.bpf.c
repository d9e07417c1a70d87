// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

static u64 keep(u64 n)
{
	return token_get(n) ? 1 : 2; // ERROR: E0301
}
static u64 thrice(u64 n) { return n * 3; }
static u64 (*const table[2])(u64) = {keep, thrice};

SEC("raw") u64 through_a_table_leaking(struct raw_context *ctx)
{
	u64 n = ctx->data_end - ctx->data;

	return table[n & 1](n);
}
