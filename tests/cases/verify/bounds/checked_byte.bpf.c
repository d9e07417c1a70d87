// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 checked_byte(struct raw_context *ctx)
{
	if (ctx->data + 1 > ctx->data_end)
		return 0;
	return ctx->data[0];
}
