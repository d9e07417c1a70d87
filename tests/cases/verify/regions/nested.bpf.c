// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
// INTERFACE: net
#include <net.h>

SEC("tick") u64 on_tick(u64 now)
{
	read_begin();
	struct Task *t = task_current();
	read_begin();
	u64 pid = task_pid(t);
	read_end();
	pid += task_pid(t);
	read_end();
	return pid;
}
