// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 13
#include <raw.h>

static __attribute__((noinline)) u64 add(u64 a, u64 b) { return a + b; }
static __attribute__((noinline)) u64 mul(u64 a, u64 b) { return a * b; }

u64 (*operations[2])(u64, u64) = {add, mul};
u64 which = 1;

SEC("raw") u64 function_pointer(struct raw_context *ctx)
{
	u64 product = operations[which & 1](2, 5);

	which = 0;
	return operations[which & 1](product, 3);
}
