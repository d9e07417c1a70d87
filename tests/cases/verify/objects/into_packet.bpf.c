// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 into_packet(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (!t)
		return 0;
	if (ctx->data + 8 <= ctx->data_end)
		*(u64 *)ctx->data = (u64)t; // ERROR: E0210
	token_put(t);
	return 0;
}
