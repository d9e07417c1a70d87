// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// An owned result is only linked: it lives as long as it is held.
// RUN: verify          EXPECT: accept
// INTERFACE: net
#include <net.h>

SEC("tick") u64 on_tick(u64 now)
{
	struct Table *table = table_get(1);
	struct Line *row;

	if (!table)
		return 0;
	row = row_get(table, 2);
	table_put(table);
	if (row)
		row_put(row);
	return 0;
}
