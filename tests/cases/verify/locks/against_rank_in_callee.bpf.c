// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The callee sees numbers only, but what it may lock depends on what its caller holds.
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>

static __attribute__((noinline)) u64 count(u64 id)
{
	struct Table *table = table_get(id);

	if (!table)
		return 0;
	table_lock(table); // ERROR: E0314
	table_unlock(table);
	table_put(table);
	return 1;
}

SEC("tick") u64 on_tick(u64 now)
{
	struct Table *table = table_get(now);
	u64 n = count(now);

	if (!table)
		return n;
	table_lock(table);
	n += count(n);
	table_unlock(table);
	table_put(table);
	return n;
}
