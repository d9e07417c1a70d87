// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

static __attribute__((noinline)) u64 finish(struct token *t, u64 n)
{
	token_lock(t);
	token_put(t);
	return n * 3;
}

SEC("raw") u64 taken_by_a_function_twice(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (!t)
		return 0;
	u64 n = finish(t, 1);
	return n + finish(t, 2); // ERROR: E0303
}
