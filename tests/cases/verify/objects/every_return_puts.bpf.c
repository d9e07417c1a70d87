// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 every_return_puts(struct raw_context *ctx)
{
	struct token *t = token_get(1);
	u64 result = 0;

	if (!t)
		return 0;
	if (ctx->data == ctx->data_end)
		goto out;
	if (ctx->data[0] == 7)
		goto out;
	result = ctx->data[0];
out:
	token_put(t);
	return result;
}
