// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 index_clamped_to_size(struct raw_context *ctx)
{
	u64 n = ctx->data_end - ctx->data;

	if (n < 8)
		return 0;
	u64 i = *(u64 *)ctx->data;
	if (i > n)
		i = n;
	return ctx->data[i]; // ERROR: E0205
}
