// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 one_past(struct raw_context *ctx)
{
	u8 *p = ctx->data;

	if (p + 4 > ctx->data_end)
		return 0;
	return p[4]; // ERROR: E0205 not proved
}
