// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 used_after_conditional_put(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (!t)
		return 0;
	if (ctx->data == ctx->data_end)
		token_put(t);
	token_lock(t); // ERROR: E0303
	token_put(t);
	return 1;
}
