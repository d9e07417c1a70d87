// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The function moves the memory, then it is read anew.
// RUN: verify          EXPECT: accept
// INTERFACE: kinds
#include <kinds.h>

SEC("begin") u64 first(struct job *ctx)
{
	u8 *data = ctx->data;
	if (data + 4 > (u8 *)ctx->data_end) return 0;
	u8 copy[4] = {data[0], data[1], data[2], data[3]};
	return put_bytes(ctx, 0, copy, sizeof(copy)) == 0;
}
