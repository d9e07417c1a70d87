// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 in_an_array_at_a_variable_index(struct raw_context *ctx)
{
	struct token *volatile slots[2] = {0, 0};
	u64 n = ctx->data_end - ctx->data;

	slots[n & 1] = token_get(1); // ERROR: E0218
	return 0;
}
