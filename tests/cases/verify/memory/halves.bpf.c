// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 halves(struct raw_context *ctx)
{
	u64 half = (ctx->data_end - ctx->data) / 2;

	for (u64 i = 0; i < half; i++)
		ctx->data[i] = ctx->data[half + i];
	return half;
}
