// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 two_ends(struct raw_context *ctx)
{
	u8 *a = ctx->data, *b = ctx->data_end;

	while (a < b) {
		u8 c = *--b;
		*b = *a;
		*a++ = c;
	}
	return 0;
}
