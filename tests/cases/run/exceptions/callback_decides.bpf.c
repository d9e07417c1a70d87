// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// What is not caught goes to the exception callback, after everything was given back.
// RUN: run          EXPECT: thrown 1009
// TOKENS: got=1 put=0 released=1 lost=0
#include <raw.h>
#include <tn/exception.h>

u64 give_up(u64 cookie) { return cookie + 1000; }

SEC("raw") __exception_cb(give_up) u64 f(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	bpf_throw(9); // STOPS
	if (t)
		token_put(t);
	return 1;
}
