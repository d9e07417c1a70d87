// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 copied_beyond_packet(struct raw_context *ctx)
{
	u8 bytes[16];

	tn_copy(bytes, ctx->data, sizeof bytes); // ERROR: E0205
	return ((volatile u8 *)bytes)[9];
}
