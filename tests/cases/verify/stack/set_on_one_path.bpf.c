// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 set_on_one_path(struct raw_context *ctx)
{
	volatile u64 x[1];

	if (ctx->data == ctx->data_end)
		x[0] = 1;
	return x[0]; // ERROR: E0203
}
