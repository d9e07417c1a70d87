// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 stack_array(struct raw_context *ctx)
{
	u32 squares[16];
	u64 total = 0;

	for (u32 i = 0; i < 16; i++)
		((volatile u32 *)squares)[i] = i * i;
	for (u32 i = 0; i < 16; i++)
		total += ((volatile u32 *)squares)[i];
	return total;
}
