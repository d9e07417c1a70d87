// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 negative_offset(struct raw_context *ctx)
{
	u8 *p = ctx->data + 8;

	if (p > ctx->data_end)
		return 0;
	return p[-8];
}
