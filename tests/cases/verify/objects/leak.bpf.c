// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 leak(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	return t != 0; // ERROR: E0301 token
}
