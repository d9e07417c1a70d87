// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>

static s64 body(u32 i, void *c)
{
	u64 *depth = c;

	if ((*depth)++ < 3)
		for_each_number(i, body, c); // ERROR: E0405
	return 0;
}

SEC("tick") u64 on_tick(u64 now)
{
	u64 depth = 0;

	for_each_number(now, body, &depth);
	return depth;
}
