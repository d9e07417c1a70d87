// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 huge_offset(struct raw_context *ctx)
{
	u8 *p = ctx->data + 0x7ffffffffffffff0;

	asm volatile("" : "+r"(p));
	if (p + 16 > ctx->data_end)
		return 0;
	return *p; // ERROR: E0205
}
