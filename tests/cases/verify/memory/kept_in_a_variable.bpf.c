// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 kept_in_a_variable(struct raw_context *ctx)
{
	u64 n = ctx->data_end - ctx->data;
	u8 *p = n >= 8 ? ctx->data : 0;

	if (!p)
		return 0;
	return *(u64 *)p;
}
