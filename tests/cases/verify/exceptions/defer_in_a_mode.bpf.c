// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The cleanup runs when the body ends, in the mode that its caller entered.
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>
#include <tn/exception.h>

static void clean(u64 id) { wait_long(); }
static void body(void *arg)
{
	tn_defer(clean, 1); // ERROR: E0323 what a mode forbids
}

SEC("tick") u64 f(u64 now)
{
	read_begin();
	tn_try(body, 0);
	read_end();
	return 0;
}
