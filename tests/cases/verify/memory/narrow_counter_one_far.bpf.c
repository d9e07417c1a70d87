// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 narrow_counter_one_far(struct raw_context *ctx)
{
	u32 n = ctx->data_end - ctx->data;
	u64 sum = 0;

	for (u32 i = 0; i < n; i++)
		sum += ctx->data[i + 1]; // ERROR: E0205
	return sum;
}
