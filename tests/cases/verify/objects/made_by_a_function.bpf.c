// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

static __attribute__((noinline)) struct token *make(u32 id)
{
	struct token *t = token_get(id);

	if (t)
		token_lock(t);
	return t;
}

SEC("raw") u64 made_by_a_function(struct raw_context *ctx)
{
	struct token *t = make(3);

	if (t) {
		token_unlock(t);
		token_put(t);
	}
	return 0;
}
