// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

u64 counters[8];

static __attribute__((noinline)) u64 count(u64 id)
{
	return ++counters[id & 7];
}
static __attribute__((noinline)) struct token *take(u64 id)
{
	count(id);
	return token_get(id);
}

SEC("raw") u64 helper_of_a_function_that_leaks(struct raw_context *ctx)
{
	struct token *t = take(ctx->data_end - ctx->data);

	if (t)
		token_put(t);
	return 0;
}
