// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Each round acquires inside, and what is thrown gives it back.
// RUN: verify          EXPECT: accept
#include <raw.h>
#include <tn/exception.h>

u64 flag;

static void body(void *arg)
{
	struct token *t = token_get(1);

	for (u64 i = 0; i < flag; i++) {
		if (t)
			token_put(t);
		t = token_get(i);
		if (i == 7)
			bpf_throw(i);
	}
	if (t)
		token_put(t);
}

SEC("raw") u64 f(struct raw_context *ctx)
{
	u64 caught = 0;

	for (u64 i = 0; i < flag; i++)
		caught += tn_try(body, 0);
	return caught;
}
