// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Whatever is called may take the lock, too.
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>

static __attribute__((noinline)) u64 one(u64 n) { return n + 1; }
static __attribute__((noinline)) u64 two(u64 n) { return n + 2; }
u64 (*volatile chosen)(u64) = one;

SEC("tick") u64 on_tick(u64 now)
{
	struct Table *table = table_get(now);
	u64 n;

	if (now & 1)
		chosen = two;
	if (!table)
		return chosen(now);
	table_lock(table);
	n = chosen(now); // ERROR: E0408
	table_unlock(table);
	table_put(table);
	return n;
}
