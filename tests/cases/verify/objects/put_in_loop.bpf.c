// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 put_in_loop(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (!t)
		return 0;
	for (u8 *p = ctx->data; p < ctx->data_end; p++)
		token_put(t); // ERROR: E0303
	return 0;
}
