// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 four_at_a_time(struct raw_context *ctx)
{
	u8 *p = ctx->data;
	u64 n = ctx->data_end - p, sum = 0;

	while (n >= 4) {
		sum += p[0] + p[1] * 3 + p[2] * 5 + p[3] * 7;
		p += 4;
		n -= 4;
	}
	while (n--)
		sum += *p++;
	return sum;
}
