// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 index_masked_wide(struct raw_context *ctx)
{
	if (ctx->data + 64 > ctx->data_end)
		return 0;
	return ctx->data[ctx->data[0] & 127]; // ERROR: E0205
}
