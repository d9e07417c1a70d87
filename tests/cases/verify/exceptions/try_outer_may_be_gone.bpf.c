// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The body gave the outer token back before it threw.
// RUN: verify          EXPECT: reject
#include <raw.h>
#include <tn/exception.h>

u64 flag;

static void body(void *arg)
{
	token_put(*(struct token **)arg);
	if (flag)
		bpf_throw(1);
	*(struct token **)arg = token_get(1);
	if (!*(struct token **)arg)
		bpf_throw(2);
}

SEC("raw") u64 f(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (!t)
		return 0;
	tn_try(body, &t);
	token_put(t); // ERROR: E0303
	return 0;
}
