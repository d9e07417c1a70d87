// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Each round enters a mode that no round leaves.
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>

SEC("tick") u64 f(u64 now)
{
	for (u64 i = 0; i < now; i++)
		read_begin(); // ERROR: E0402
	return 0;
}
