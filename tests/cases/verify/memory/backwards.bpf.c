// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 backwards(struct raw_context *ctx)
{
	u64 sum = 0;

	for (u64 i = ctx->data_end - ctx->data; i-- > 0;)
		sum = sum * 31 + ctx->data[i];
	return sum;
}
