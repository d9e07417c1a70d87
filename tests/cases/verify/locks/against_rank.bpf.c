// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Another thread may hold the table and wait for the row.
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
	row_lock(row);
	table_lock(table); // ERROR: E0314
	table_unlock(table);
	row_unlock(row);
	row_put(row);
out:
	table_put(table);
	return 0;
}
