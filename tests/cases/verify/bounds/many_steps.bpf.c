// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The place depends on more lengths than a fact has room for, each of them read at the place before.
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 walk(struct raw_context *ctx)
{
	u8 *at = ctx->data, *end = ctx->data_end;
	u64 sum = 0;
#pragma unroll
	for (int i = 0; i < 9; ++i) {
		if (at + 2 > end) return 0;
		sum += at[0];
		at += 2 + at[1] * 8;
	}
	return sum;
}
