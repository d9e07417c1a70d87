// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 set_in_halves(struct raw_context *ctx)
{
	volatile u32 x[2];

	x[0] = 1;
	x[1] = 2;
	return *(volatile u64 *)x;
}
