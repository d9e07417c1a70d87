// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 wide_length_wraps(struct raw_context *ctx)
{
	u8 *p = ctx->data, *end = ctx->data_end;
	u64 sum = 0;

	if (p + 8 > end)
		return 0;
	u64 n = *(u64 *)p;
	if (n + 8 > (u64)(end - p))
		return 0;
	for (u64 i = 0; i < n; i++)
		sum += p[i]; // ERROR: E0205
	return sum;
}
