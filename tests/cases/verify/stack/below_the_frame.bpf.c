// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 below_the_frame(struct raw_context *ctx)
{
	volatile u8 bytes[8] = {0};

	asm volatile("" ::: "memory");
	return *(volatile u8 *)((u64)bytes + 64); // ERROR: E0206
}
