// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
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
	table_lock(table);
	row_lock(row);
	table_unlock(table);
	row_unlock(row);
	row_put(row);
out:
	table_put(table);
	return 0;
}
