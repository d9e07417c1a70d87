// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
// INTERFACE: net
#include <net.h>

SEC("tick") u64 on_tick(u64 now)
{
	u64 sum = 0;

	read_begin();
	struct Task *t = task_current();
	for (struct Task *p = task_parent(t); p; p = task_parent(p))
		sum += task_pid(p);
	read_end();
	return sum;
}
