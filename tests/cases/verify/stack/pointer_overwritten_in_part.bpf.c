// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 pointer_overwritten_in_part(struct raw_context *ctx)
{
	u8 *volatile kept = ctx->data;

	*(volatile u8 *)&kept = 0;
	return *kept; // ERROR: E0203
}
