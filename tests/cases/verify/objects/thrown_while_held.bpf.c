// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 thrown_while_held(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (!t)
		return 0;
	if (ctx->data == ctx->data_end)
		bpf_throw(5);
	token_put(t);
	return 1;
}
