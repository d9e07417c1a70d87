// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A mode is left on one path only.
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>

SEC("tick") u64 on_tick(u64 now)
{
	read_begin();
	if (now == 7)
		return 1;
	read_end();
	return 0;
} // ERROR: E0316
