// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 by_another_flag(struct raw_context *ctx)
{
	struct token *t;
	u64 have = 0, size = ctx->data_end - ctx->data;

	if (size) {
		t = token_get(1);
		if (!t)
			return 0;
		have = size & 1;
	}
	tn_grow(0);
	if (have)
		token_put(t);
	return 0;
} // ERROR: E0301
