// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 last_of_a_loop(struct raw_context *ctx)
{
	struct token *last = 0;
	u64 size = ctx->data_end - ctx->data;

	for (u64 i = 0; i < size; i++) {
		struct token *t = token_get(i);

		if (last)
			token_put(last);
		last = t;
	}
	if (last)
		token_put(last);
	return 0;
}
