// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Two locks of one rank: which comes first is not said.
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
	struct Line *other = row_get(table, now + 1);
	if (other) {
		row_lock(row);
		row_lock(other); // ERROR: E0314
		row_unlock(other);
		row_unlock(row);
		row_put(other);
	}
	row_put(row);
out:
	table_put(table);
	return 0;
}
