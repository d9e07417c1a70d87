// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 filled_by_host(struct raw_context *ctx)
{
	u8 bytes[16];

	tn_fill(bytes, 7, sizeof bytes);
	return ((volatile u8 *)bytes)[9];
}
