// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// An object that a callback leaves in its caller's stack is the caller's.
// RUN: verify          EXPECT: accept
// INTERFACE: net
#include <net.h>

struct context {
	u64 sum, index;
	struct Table *table;
};

static s64 body(u32 i, void *c)
{
	struct context *context = c;

	if (!context->table)
		context->table = table_get(i);
	return 0;
}

SEC("tick") u64 on_tick(u64 now)
{
	struct context context = {};

	for_each_number(now, body, &context);
	if (context.table)
		table_put(context.table);
	return 0;
}
