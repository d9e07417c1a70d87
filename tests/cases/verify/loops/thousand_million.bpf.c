// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

u64 state = 1;

SEC("raw") u64 thousand_million(struct raw_context *ctx)
{
	u64 x = state;

	for (u64 i = 0; i < 1000000000; i++) {
		if (x & 1)
			x = x * 3 + 1;
		else if (x & 2)
			x ^= i;
		else
			x >>= 1;
	}
	return state = x;
}
