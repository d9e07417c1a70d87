// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>

SEC("tick") u64 on_tick(u64 now)
{
	struct Task *t = task_current(); // ERROR: E0318

	return task_pid(t);
}
