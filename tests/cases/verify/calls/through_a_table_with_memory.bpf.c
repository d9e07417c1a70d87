// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

static u64 first(u8 *p) { return *p; }
static u64 second(u8 *p) { return p[1]; }
static u64 (*const table[2])(u8 *) = {first, second};

SEC("raw") u64 through_a_table_with_memory(struct raw_context *ctx)
{
	u64 n = ctx->data_end - ctx->data;

	if (n < 2)
		return 0;
	return table[n & 1](ctx->data); // ERROR: E0211
}
