// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

static __attribute__((noinline)) void leave(volatile u64 **where, u64 n)
{
	volatile u64 here = n;

	*where = &here;
}

SEC("raw") u64 frame_is_gone(struct raw_context *ctx)
{
	volatile u64 *p;

	leave(&p, 3);
	return *p; // ERROR: E0202
}
