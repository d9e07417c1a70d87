// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 part_of_it_too_long(struct raw_context *ctx)
{
	u8 *p = ctx->data;
	u64 n = ctx->data_end - p, sum = 0;

	if (n < 12)
		return 0;
	u8 *body = p + 4;
	u64 length = n - 11;
	for (u64 i = 0; i < length; i++)
		sum += body[i];
	return sum + *(u64 *)(body + length); // ERROR: E0205
}
