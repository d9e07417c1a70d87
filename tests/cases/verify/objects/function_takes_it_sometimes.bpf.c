// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

static __attribute__((noinline)) u64 finish(struct token *t, u64 n)
{
	if (n > 3)
		token_put(t);
	return n;
}

SEC("raw") u64 function_takes_it_sometimes(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (!t)
		return 0;
	return finish(t, ctx->data_end - ctx->data);
} // ERROR: E0301
