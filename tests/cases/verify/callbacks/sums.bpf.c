// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
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

	context->sum += i;
	return 0;
}

SEC("tick") u64 on_tick(u64 now)
{
	struct context context = {};

	for_each_number(now, body, &context);
	return context.sum;
}
