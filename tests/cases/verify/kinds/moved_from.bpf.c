// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// What the function moves it cannot read from.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

SEC("begin") u64 first(struct job *ctx)
{
	u8 *data = ctx->data;
	if (data + 4 > (u8 *)ctx->data_end) return 0;
	return put_bytes(ctx, 0, data, 4) == 0;   // ERROR: E0223 moves
}
