// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

u64 table[16];

SEC("raw") u64 as_an_index(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (!t)
		return 0;
	u64 found = table[(u64)t & 15]; // ERROR: E0211
	token_put(t);
	return found;
}
