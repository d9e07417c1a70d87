// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Locked on one path only.
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
	if (now & 1)
		row_lock(row);
	row_unlock(row); // ERROR: E0315
	row_put(row);
out:
	table_put(table);
	return 0;
}
