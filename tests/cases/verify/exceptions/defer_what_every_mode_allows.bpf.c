// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
// INTERFACE: net
#include <net.h>
#include <tn/exception.h>

u64 n;

static void clean(u64 id)
{
	u64 copy;

	tn_copy(&copy, &n, sizeof n);
	n += copy + id;
}
static void body(void *arg)
{
	tn_defer(clean, 1);
}

SEC("tick") u64 f(u64 now)
{
	read_begin();
	tn_try(body, 0);
	read_end();
	wait_long();
	return 0;
}
