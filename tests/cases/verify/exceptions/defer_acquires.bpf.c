// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>
#include <tn/exception.h>

static __attribute__((noinline)) u64 deeper(u64 id)
{
	struct token *t = token_get(id);

	if (t)
		token_put(t);
	return id;
}
u64 last;
static void clean(u64 id) { last = deeper(id); }

SEC("raw") u64 f(struct raw_context *ctx)
{
	tn_defer(clean, 1); // ERROR: E0323
	return 0;
}
