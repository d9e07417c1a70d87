// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 half_set(struct raw_context *ctx)
{
	volatile u32 x[2];

	x[0] = 1;
	return *(volatile u64 *)x; // ERROR: E0203
}
