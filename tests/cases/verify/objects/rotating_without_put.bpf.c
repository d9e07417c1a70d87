// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 rotating_without_put(struct raw_context *ctx)
{
	struct token *held = token_get(0);

	for (u8 *p = ctx->data; p < ctx->data_end && held; p++)
		held = token_get(*p); // ERROR: E0307
	if (held)
		token_put(held);
	return 0;
}
