// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 token_or_number(struct raw_context *ctx)
{
	u64 n = ctx->data_end - ctx->data;
	struct token *t = n > 3 ? token_get(1) : (struct token *)n;

	if (!t)
		return 0;
	token_put(t); // ERROR: E0302
	return 0;
}
