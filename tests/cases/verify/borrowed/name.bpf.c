// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
// INTERFACE: net
#include <net.h>

SEC("tick") u64 on_tick(u64 now)
{
	struct Table *table = table_get(1);
	struct Line *row;
	u64 sum = 0;

	if (!table)
		return 0;
	row = row_get(table, 2);
	if (row) {
		const u8 *name = row_name(row);
		for (u64 i = 0; i < 16; i++)
			sum += name[i];
		row_put(row);
	}
	table_put(table);
	return sum;
}
