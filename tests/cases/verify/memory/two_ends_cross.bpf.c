// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 two_ends_cross(struct raw_context *ctx)
{
	u8 *a = ctx->data, *b = ctx->data_end;

	while (a < ctx->data_end) {
		u8 c = *--b;
		*--b = *a; // ERROR: E0205
		*a++ = c;
	}
	return 0;
}
