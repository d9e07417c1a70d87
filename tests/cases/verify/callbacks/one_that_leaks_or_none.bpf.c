// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>

static s64 leaks(u32 i)
{
	return table_get(i) != 0;
}

SEC("tick") u64 on_tick(u64 now) { return maybe_for_each(now & 1 ? leaks : 0); } // ERROR: E0307
