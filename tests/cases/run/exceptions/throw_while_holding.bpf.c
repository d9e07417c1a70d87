// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: thrown 5
// TOKENS: got=2 put=0 released=2 lost=0
#include <raw.h>

SEC("raw") u64 throw_while_holding(struct raw_context *ctx)
{
	struct token *a = token_get(1), *b = token_get(1);

	if (a && b)
		bpf_throw(5); // STOPS
	if (a)
		token_put(a);
	if (b)
		token_put(b);
	return 0;
}
