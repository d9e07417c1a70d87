// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 four_of_three(struct raw_context *ctx)
{
	u8 *p = ctx->data;
	u64 n = ctx->data_end - p, sum = 0;

	while (n >= 3) {
		sum += *(u32 *)p; // ERROR: E0205
		p += 4;
		n -= 4;
	}
	return sum;
}
