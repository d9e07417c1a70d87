// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 variable_index_off_by_one(struct raw_context *ctx)
{
	u8 *p = ctx->data;
	u64 i;

	if (p + 16 > ctx->data_end)
		return 0;
	i = p[0];
	if (i > 16)
		return 0;
	return p[i]; // ERROR: E0205 not proved
}
