// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A lock made of an exchange, which somebody has left locked.
// RUN: run          EXPECT: cancelled quantum
// ARGS: --quantum 2ms
// TOKENS: got=1 put=0 released=1 lost=0
#include <raw.h>

u64 locked = 1;

SEC("raw") u64 take(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (!t)
		return 0;
	while (__sync_lock_test_and_set(&locked, 1)) // STOPS
		;
	locked = 0;
	token_put(t);
	return 1;
}
