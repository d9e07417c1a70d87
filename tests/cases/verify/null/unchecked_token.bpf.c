// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 unchecked_token(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	token_lock(t); // ERROR: E0204 may be null
	token_unlock(t);
	token_put(t);
	return 0;
}
