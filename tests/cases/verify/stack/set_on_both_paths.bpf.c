// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 set_on_both_paths(struct raw_context *ctx)
{
	volatile u64 x;

	if (ctx->data == ctx->data_end)
		x = 1;
	else
		x = 2;
	return x;
}
