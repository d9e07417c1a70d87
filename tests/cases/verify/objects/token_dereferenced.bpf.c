// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 token_dereferenced(struct raw_context *ctx)
{
	struct token *t = token_get(1);
	u64 first;

	if (!t)
		return 0;
	first = *(u64 *)t; // ERROR: E0212 cannot be dereferenced
	token_put(t);
	return first;
}
