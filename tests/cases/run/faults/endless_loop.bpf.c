// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: cancelled quantum
// ARGS: --quantum 5ms
#include <raw.h>

u64 flag;

SEC("raw") u64 endless_loop(struct raw_context *ctx)
{
	while (!*(volatile u64 *)&flag) // STOPS
		;
	return 0;
}
