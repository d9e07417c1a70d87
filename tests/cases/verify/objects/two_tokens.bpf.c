// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 two_tokens(struct raw_context *ctx)
{
	struct token *a = token_get(1), *b = token_get(2);

	if (a)
		token_put(a);
	if (b)
		token_put(b);
	return 0;
}
