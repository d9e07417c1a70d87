// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 kept_in_a_variable_untested(struct raw_context *ctx)
{
	u64 n = ctx->data_end - ctx->data;
	u8 *p = n >= 8 ? ctx->data : 0;

	asm volatile("" : "+r"(p));
	return *(u64 *)p; // ERROR: E0204
}
