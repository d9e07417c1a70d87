// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 stack_filled_by_counter(struct raw_context *ctx)
{
	u8 line[64];
	u64 n = 0;

	while (n < sizeof line && ctx->data + n < ctx->data_end) {
		((volatile u8 *)line)[n] = ctx->data[n];
		n++;
	}
	return n;
}
