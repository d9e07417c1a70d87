// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 the_wrong_way_round(struct raw_context *ctx)
{
	struct token *t = 0;
	u64 have = 0;

	if (ctx->data != ctx->data_end) {
		t = token_get(1);
		if (!t)
			return 0;
		have = 1;
	}
	tn_grow(0);
	if (!have)
		token_put(t); // ERROR: E0302
	return 0;
}
