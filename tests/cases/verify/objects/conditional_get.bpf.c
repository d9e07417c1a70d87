// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Held or null in the same place: the release goes by the pointer.
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 conditional_get(struct raw_context *ctx)
{
	struct token *t = 0;

	if (ctx->data != ctx->data_end)
		t = token_get(1);
	if (t)
		token_put(t);
	return 0;
}
