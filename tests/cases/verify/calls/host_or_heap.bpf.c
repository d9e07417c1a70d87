// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

u8 table[8];

static __attribute__((noinline)) u64 first(const u8 *p)
{
	return *p; // ERROR: E0213
}

SEC("raw") u64 host_or_heap(struct raw_context *ctx)
{
	if (ctx->data == ctx->data_end)
		return first(table);
	return first(ctx->data) + first(table);
}
