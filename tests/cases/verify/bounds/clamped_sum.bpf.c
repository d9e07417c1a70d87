// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The index is a sum of what two branches decide, clamped: a logarithm, say.
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 slot(struct raw_context *ctx)
{
	u8 *data = ctx->data;
	if (data + 27 > (u8 *)ctx->data_end) return 0;
	u64 value = *(u64 *)data;
	u32 log = 0;
	if (value >> 32) value >>= 32, log += 32;
	if (value >> 16) value >>= 16, log += 16;
	u32 index = log + (u32)(value >> 1);
	if (index >= 27) index = 26;
	return data[index];
}
