// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 120
#include <raw.h>

static __attribute__((noinline)) u64 factorial(u64 n)
{
	u64 product = 1;

	for (u64 i = 2; i <= n; i++)
		product *= *(volatile u64 *)&i;
	return product;
}

SEC("raw") u64 subprogram(struct raw_context *ctx)
{
	return factorial(5);
}
