// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 get_in_loop(struct raw_context *ctx)
{
	u64 got = 0;

	for (u32 id = 0; id < 1000; id++) {
		struct token *t = token_get(id);

		if (!t)
			continue;
		got++;
		token_put(t);
	}
	return got;
}
