// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 read_and_write_positions(struct raw_context *ctx)
{
	u64 n = ctx->data_end - ctx->data, out = 0;

	for (u64 i = 0; i < n; i++)
		if (ctx->data[i] != ' ')
			ctx->data[out++] = ctx->data[i];
	return out;
}
