// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 stops_at_zero(struct raw_context *ctx)
{
	u64 n = 0;

	while (ctx->data + n < ctx->data_end && ctx->data[n])
		n++;
	return n;
}
