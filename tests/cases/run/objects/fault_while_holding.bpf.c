// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: cancelled fault
// ARGS: --repeat 50
// TOKENS: got=50 put=0 released=50 lost=0
#include <raw.h>

u64 *nowhere;

SEC("raw") u64 fault_while_holding(struct raw_context *ctx)
{
	struct token *t = token_get(3);
	u64 value;

	if (!t)
		return 0;
	token_lock(t);
	value = *nowhere; // STOPS
	token_unlock(t);
	token_put(t);
	return value;
}
