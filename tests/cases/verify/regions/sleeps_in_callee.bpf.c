// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// What a function may call depends on what its caller holds.
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>

static __attribute__((noinline)) u64 wait(u64 n)
{
	wait_long(); // ERROR: E0319
	return n + 1;
}

SEC("tick") u64 on_tick(u64 now)
{
	u64 n = wait(now);

	read_begin();
	n += wait(n);
	read_end();
	return n;
}
