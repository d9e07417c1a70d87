// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 copied_from_packet(struct raw_context *ctx)
{
	u8 bytes[16];
	u64 n = ctx->data_end - ctx->data;

	if (n > sizeof bytes)
		n = sizeof bytes;
	tn_fill(bytes, 0, sizeof bytes);
	tn_copy(bytes, ctx->data, n);
	return ((volatile u8 *)bytes)[9];
}
