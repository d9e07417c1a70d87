// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Nothing has to be proved about when a loop ends.
// RUN: verify          EXPECT: accept
#include <raw.h>

u64 flag;

SEC("raw") u64 endless(struct raw_context *ctx)
{
	while (!*(volatile u64 *)&flag)
		;
	return flag;
}
