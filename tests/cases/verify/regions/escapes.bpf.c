// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Valid only until the region is left.
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>

SEC("tick") u64 on_tick(u64 now)
{
	read_begin();
	struct Task *t = task_current();
	read_end();
	return task_pid(t); // ERROR: E0311
}
