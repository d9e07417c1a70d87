// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The line of for_each_number() says what its callback may return.
// RUN: verify          EXPECT: reject
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
	return i;
}

SEC("tick") u64 on_tick(u64 now)
{
	struct context context = {};

	for_each_number(now, body, &context); // ERROR: E0322
	return context.sum;
}
