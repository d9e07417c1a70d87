// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

static u64 twice(u64 n) { return n * 2; }
static u64 thrice(u64 n) { return n * 3; }
static u64 (*const table[2])(u64) = {twice, thrice};

SEC("raw") u64 through_a_table(struct raw_context *ctx)
{
	u64 n = ctx->data_end - ctx->data;

	return table[n & 1](n);
}
