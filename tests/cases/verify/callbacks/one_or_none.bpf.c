// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// For clang the choice is a number.
// RUN: verify          EXPECT: accept
// INTERFACE: net
#include <net.h>

u64 sum;

static s64 body(u32 i)
{
	sum += i;
	return 0;
}

SEC("tick") u64 on_tick(u64 now) { return maybe_for_each(now & 1 ? body : 0); }
