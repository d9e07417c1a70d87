// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>

u64 sum;

static s64 body(u32 i)
{
	sum += i;
	return 0;
}
static s64 leaks(u32 i)
{
	return table_get(i) != 0;
}

SEC("tick") u64 on_tick(u64 now) { return maybe_for_each(now & 1 ? body : leaks); } // ERROR: E0226
