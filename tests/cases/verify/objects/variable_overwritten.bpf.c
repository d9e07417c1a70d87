// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 variable_overwritten(struct raw_context *ctx)
{
	struct token *volatile kept = token_get(1);

	kept = token_get(2);
	struct token *t = kept;
	if (t)
		token_put(t);
	return 0; // ERROR: E0301
}
