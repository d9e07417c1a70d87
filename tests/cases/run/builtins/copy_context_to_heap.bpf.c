// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 0x04030201
// ARGS: --ctx 01020304
#include <raw.h>

u64 target;

SEC("raw") u64 copy_context_to_heap(struct raw_context *ctx)
{
	if (ctx->data + 4 > ctx->data_end)
		return 0;
	tn_copy(&target, ctx->data, 4);
	return target;
}
