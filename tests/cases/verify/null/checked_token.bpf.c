// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 checked_token(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (!t)
		return 1;
	token_lock(t);
	token_unlock(t);
	token_put(t);
	return 0;
}
