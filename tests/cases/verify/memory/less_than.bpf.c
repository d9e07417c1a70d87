// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 less_than(struct raw_context *ctx)
{
	u64 n = ctx->data_end - ctx->data, sum = 0;

	for (u64 i = 0; i < n; i++)
		sum += ctx->data[i];
	return sum;
}
