// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 pointer_strided(struct raw_context *ctx)
{
	u64 sum = 0;

	for (u8 *p = ctx->data; p + 8 <= ctx->data_end; p += 8)
		sum += *(u64 *)p;
	return sum;
}
