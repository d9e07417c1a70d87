// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: cancelled fault
// TOKENS: got=1 put=0 released=1 lost=0
#include <raw.h>
#include <tn/exception.h>

static void body(void *arg)
{
	struct token *t = token_get(1);

	*(volatile u64 *)8 = 1; // STOPS
	if (t)
		token_put(t);
}

SEC("raw") u64 f(struct raw_context *ctx) { return tn_try(body, 0) ? tn_cookie() : 0; }
