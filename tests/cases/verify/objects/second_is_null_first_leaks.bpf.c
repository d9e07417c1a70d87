// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 second_is_null_first_leaks(struct raw_context *ctx)
{
	struct token *a = token_get(1);

	if (!a)
		return 0;
	struct token *b = token_get(2);
	if (!b)
		return 1;
	token_put(a);
	token_put(b);
	return 2;
} // ERROR: E0301
