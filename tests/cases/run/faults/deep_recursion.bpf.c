// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: cancelled stack
// ARGS: --quantum 1s
#include <raw.h>

volatile u64 one = 1;

static __attribute__((noinline)) u64 down(u64 n)
{
	return one ? down(n + one) + one : n;
}

SEC("raw") u64 deep_recursion(struct raw_context *ctx)
{
	return down(0);
}
