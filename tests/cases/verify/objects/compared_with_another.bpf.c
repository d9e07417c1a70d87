// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 compared_with_another(struct raw_context *ctx)
{
	struct token *a = token_get(1), *b = token_get(2);
	volatile u64 same = a > b; // ERROR: E0214

	if (a)
		token_put(a);
	if (b)
		token_put(b);
	return same;
}
