// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 index_clamped(struct raw_context *ctx)
{
	u64 n = ctx->data_end - ctx->data;

	if (n < 8)
		return 0;
	u64 i = *(u64 *)ctx->data;
	if (i > n - 1)
		i = n - 1;
	return ctx->data[i];
}
