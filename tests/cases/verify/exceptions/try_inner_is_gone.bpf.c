// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// What the body acquired was given back when it threw.
// RUN: verify          EXPECT: reject
#include <raw.h>
#include <tn/exception.h>

static void body(void *arg)
{
	*(struct token **)arg = token_get(1);
	if (*(struct token **)arg)
		bpf_throw(1);
}

SEC("raw") u64 f(struct raw_context *ctx)
{
	struct token *t = 0;

	if (tn_try(body, &t))
		token_put(t); // ERROR: E0303
	return 0;
}
