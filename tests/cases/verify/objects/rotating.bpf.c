// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 rotating(struct raw_context *ctx)
{
	struct token *held = token_get(0);

	for (u8 *p = ctx->data; p < ctx->data_end && held; p++) {
		struct token *next = token_get(*p);

		token_put(held);
		held = next;
	}
	if (held)
		token_put(held);
	return 0;
}
