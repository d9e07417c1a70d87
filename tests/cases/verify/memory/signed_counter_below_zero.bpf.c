// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 signed_counter_below_zero(struct raw_context *ctx)
{
	s32 n = ctx->data_end - ctx->data;
	u64 sum = 0;

	if (ctx->data_end - ctx->data > 4096)
		return 0;
	for (s32 i = -1; i < n; i++)
		sum += ctx->data[i]; // ERROR: E0205
	return sum;
}
