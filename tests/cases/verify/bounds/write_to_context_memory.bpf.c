// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 write_to_context_memory(struct raw_context *ctx)
{
	if (ctx->data + 8 > ctx->data_end)
		return 0;
	*(u64 *)ctx->data = 7;
	return 0;
}
