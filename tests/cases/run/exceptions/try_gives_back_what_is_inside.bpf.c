// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The outer token is still held afterwards, the inner ones were given back, the newest first.
// RUN: run          EXPECT: return 5
// TOKENS: got=3 put=1 released=2 lost=0
#include <raw.h>
#include <tn/exception.h>

static void body(void *arg)
{
	struct token *a = token_get(2);
	struct token *b = token_get(3);

	if (a && b)
		bpf_throw(5);
	if (a)
		token_put(a);
	if (b)
		token_put(b);
}

SEC("raw") u64 f(struct raw_context *ctx)
{
	struct token *outer = token_get(1);
	u64 result;

	if (!outer)
		return 0;
	result = tn_try(body, 0) ? tn_cookie() : 0;
	token_put(outer);
	return result;
}
