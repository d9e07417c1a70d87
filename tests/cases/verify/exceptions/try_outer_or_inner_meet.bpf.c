// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Where the paths meet, the token is the caller's on one and the body's own on the other: after a throw it is there on one only.
// RUN: verify          EXPECT: reject
#include <raw.h>
#include <tn/exception.h>

u64 flag, other_flag;

static void body(void *arg)
{
	struct token **t = arg;

	if (flag) {
		token_put(*t);
		*t = token_get(1);
		while (!*t)
			;
	}
	if (other_flag)
		bpf_throw(1);
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
