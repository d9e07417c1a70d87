// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The second round waits for the first.
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>

SEC("tick") u64 on_tick(u64 now)
{
	struct Table *table = table_get(now);
	struct Line *row;

	if (!table)
		return 0;
	row = row_get(table, now);
	if (!row)
		goto out;
	for (u64 i = 0; i < now; i++)
		row_lock(row); // ERROR: E0320
	row_put(row);
out:
	table_put(table);
	return 0;
}
