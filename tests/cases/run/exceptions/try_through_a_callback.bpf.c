// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// What is thrown in a callback passes through the function that called it.
// RUN: run          EXPECT: return 103
// TOKENS: got=1 put=0 released=1 lost=0
#include <raw.h>
#include <tn/exception.h>
#include <tn/loop.h>

static long each(u64 i, void *ctx)
{
	if (i == 3)
		bpf_throw(100 + i);
	return 0;
}

static void body(void *arg)
{
	struct token *t = token_get(1);

	bpf_loop(10, each, 0, 0);
	if (t)
		token_put(t);
}

SEC("raw") u64 f(struct raw_context *ctx) { return tn_try(body, 0) ? tn_cookie() : 0; }
