// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The flag decides, where nothing is held the pointer is not even set.
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 by_a_flag(struct raw_context *ctx)
{
	struct token *t;
	u64 have = 0;

	if (ctx->data != ctx->data_end) {
		t = token_get(1);
		if (!t)
			return 0;
		have = 1;
	}
	tn_grow(0);
	if (have)
		token_put(t);
	return 0;
}
