// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 put_twice(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (!t)
		return 0;
	token_put(t);
	token_put(t); // ERROR: E0303 given back
	return 0;
}
