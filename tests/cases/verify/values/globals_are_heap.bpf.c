// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

u64 table[4];
u64 *where = table;

SEC("raw") u64 globals_are_heap(struct raw_context *ctx)
{
	u64 n = ctx->data_end - ctx->data;

	return where[n] + table[n];
}
