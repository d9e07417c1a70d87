// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The function is judged once for all its callers; that it may throw is known of it before.
// RUN: verify          EXPECT: reject
#include <raw.h>
#include <tn/exception.h>

u64 flag;

static __attribute__((noinline)) u64 check(u64 n)
{
	if (n > flag)
		bpf_throw(n);
	return n * 3;
}

static void body(void *arg)
{
	struct token **t = arg;

	token_put(*t);
	check(flag);
	*t = token_get(1);
	if (!*t)
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
