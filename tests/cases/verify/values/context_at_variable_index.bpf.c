// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 context_at_variable_index(struct raw_context *ctx)
{
	u64 n = ctx->data_end - ctx->data;

	asm volatile("" : "+r"(n));
	return ((volatile u8 *)ctx)[n & 15]; // ERROR: E0216
}
