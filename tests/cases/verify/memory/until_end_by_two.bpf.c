// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 until_end_by_two(struct raw_context *ctx)
{
	u64 sum = 0;

	for (u8 *p = ctx->data; p != ctx->data_end; p += 2)
		sum += *p; // ERROR: E0205
	return sum;
}
