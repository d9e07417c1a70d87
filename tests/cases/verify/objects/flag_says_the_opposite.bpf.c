// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 flag_says_the_opposite(struct raw_context *ctx)
{
	struct token *t = 0;
	u64 n = ctx->data_end - ctx->data, held = 0;

	if (n > 4) {
		t = token_get(1);
		held = t != 0;
	}
	for (volatile u32 i = 0; i < 3; i++)
		;
	if (!held) {
		if (t)
			token_put(t);
	}
	return n; // ERROR: E0301
}
