// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

static __attribute__((noinline)) u64 finish(struct token *t, u64 n)
{
	token_lock(t);
	token_put(t);
	return n * 3;
}

SEC("raw") u64 taken_by_a_function(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	return t ? finish(t, ctx->data_end - ctx->data) : 0;
}
