// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Ids 1 to 16 exist.
// RUN: run          EXPECT: return 16
// TOKENS: got=16 put=16 released=0 lost=0
#include <raw.h>

SEC("raw") u64 ids(struct raw_context *ctx)
{
	u64 found = 0;

	for (u32 id = 0; id < 100; id++) {
		struct token *t = token_get(id);

		if (!t)
			continue;
		found++;
		token_put(t);
	}
	return found;
}
