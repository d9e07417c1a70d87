// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 4
// ARGS: --ctx 01020304
// DATA: 04030201
#include <raw.h>

SEC("raw") u64 reverse_in_place(struct raw_context *ctx)
{
	u8 *p = ctx->data;

	if (p + 4 > ctx->data_end)
		return 0;
	for (u64 i = 0; i < 2; i++) {
		u8 byte = p[i];

		p[i] = p[3 - i];
		p[3 - i] = byte;
	}
	return 4;
}
