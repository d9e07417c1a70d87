// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: cancelled quantum
// ARGS: --quantum 2ms --repeat 3
// TOKENS: got=3 put=0 released=3 lost=0
#include <raw.h>

u64 flag;

SEC("raw") u64 loop_while_holding(struct raw_context *ctx)
{
	struct token *t = token_get(3);

	if (!t)
		return 0;
	while (!*(volatile u64 *)&flag) // STOPS
		;
	token_put(t);
	return 0;
}
