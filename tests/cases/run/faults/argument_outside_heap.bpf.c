// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: cancelled argument
#include <raw.h>

u64 length = 1ull << 40;
u8 buffer[64];

SEC("raw") u64 argument_outside_heap(struct raw_context *ctx)
{
	tn_fill(buffer, 0, length); // STOPS
	return 0;
}
