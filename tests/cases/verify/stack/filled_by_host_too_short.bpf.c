// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 filled_by_host_too_short(struct raw_context *ctx)
{
	u8 bytes[16];

	tn_fill(bytes, 7, 8);
	return ((volatile u8 *)bytes)[9]; // ERROR: E0203
}
