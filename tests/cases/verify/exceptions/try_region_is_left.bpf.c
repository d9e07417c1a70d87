// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The region that the body entered was left when it threw.
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>
#include <tn/exception.h>

static void body(void *arg)
{
	read_begin();
	bpf_throw(1);
}

SEC("tick") u64 f(u64 now)
{
	tn_try(body, 0);
	read_end(); // ERROR: E0318
	return 0;
}
