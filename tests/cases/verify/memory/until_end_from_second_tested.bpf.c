// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 until_end_from_second_tested(struct raw_context *ctx)
{
	u64 sum = 0;

	if (ctx->data + 1 > ctx->data_end)
		return 0;
	for (u8 *p = ctx->data + 1; p != ctx->data_end; p++)
		sum += *p;
	return sum;
}
