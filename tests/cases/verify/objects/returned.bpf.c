// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 returned(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (!t)
		return 0;
	return (u64)t;
} // ERROR: E0211
