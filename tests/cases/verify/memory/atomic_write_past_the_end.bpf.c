// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 atomic_write_past_the_end(struct raw_context *ctx)
{
	if (ctx->data + 7 > ctx->data_end)
		return 0;
	return __sync_fetch_and_add((u64 *)ctx->data, 1); // ERROR: E0205
}
