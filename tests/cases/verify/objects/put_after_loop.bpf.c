// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 put_after_loop(struct raw_context *ctx)
{
	struct token *t = token_get(1);
	u64 sum = 0;

	if (!t)
		return 0;
	for (u8 *p = ctx->data; p < ctx->data_end; p++) {
		token_lock(t);
		sum += *p;
		token_unlock(t);
	}
	token_put(t);
	return sum;
}
