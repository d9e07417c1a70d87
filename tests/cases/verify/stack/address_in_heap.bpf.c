// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

u64 *kept;

SEC("raw") u64 address_in_heap(struct raw_context *ctx)
{
	volatile u64 x = 5;

	kept = (u64 *)&x;
	*kept = 6;
	return x;
}
