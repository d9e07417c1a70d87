// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// An address outside the heap becomes one inside it: a hole, or memory that is the extension's own.
// RUN: run          EXPECT: cancelled fault
#include <raw.h>

u64 wild_address = 0x1234567800000010;

SEC("raw") u64 wild(struct raw_context *ctx)
{
	*(u64 *)wild_address = 1; // STOPS
	return 0;
}
