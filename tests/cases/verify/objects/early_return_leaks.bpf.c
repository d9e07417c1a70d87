// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 early_return_leaks(struct raw_context *ctx)
{
	struct token *t = token_get(1);
	u64 result = 0;

	if (!t)
		return 0;
	if (ctx->data == ctx->data_end)
		goto out;
	if (ctx->data[0] == 7)
		return 7;
	result = ctx->data[0];
out:
	token_put(t);
	return result;
} // ERROR: E0301
