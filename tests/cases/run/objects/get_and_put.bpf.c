// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 1
// ARGS: --repeat 100
// TOKENS: got=100 put=100 released=0 lost=0
#include <raw.h>

SEC("raw") u64 get_and_put(struct raw_context *ctx)
{
	struct token *t = token_get(3);

	if (!t)
		return 0;
	token_put(t);
	return 1;
}
