// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 rows_too_wide(struct raw_context *ctx)
{
	u64 n = ctx->data_end - ctx->data, sum = 0;

	for (u64 y = 0; y + 16 <= n; y += 16)
		for (u64 x = 0; x <= 16; x++)
			sum += ctx->data[y + x]; // ERROR: E0205
	return sum;
}
