// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 length_forgets_header(struct raw_context *ctx)
{
	u8 *p = ctx->data;
	u64 sum = 0;

	if (p + 1 > ctx->data_end)
		return 0;
	u64 n = *p;
	if (p + n > ctx->data_end)
		return 0;
	for (u64 i = 0; i < n; i++)
		sum += p[1 + i]; // ERROR: E0205
	return sum;
}
