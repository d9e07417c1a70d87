// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// In the first round of the loop the token is the caller's, later it is the body's own: when it throws then, nothing is left.
// RUN: verify          EXPECT: reject
#include <raw.h>
#include <tn/exception.h>

u64 flag;

static void body(void *arg)
{
	struct token **t = arg;

	for (u64 i = 0; i < flag; i++) {
		if (i == 7)
			bpf_throw(i);
		token_put(*t);
		*t = token_get(i);
		if (!*t)
			bpf_throw(2);
	}
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
