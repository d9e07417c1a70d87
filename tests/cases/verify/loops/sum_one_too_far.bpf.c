// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 sum_one_too_far(struct raw_context *ctx)
{
	u64 total = 0;

	for (u8 *p = ctx->data; p <= ctx->data_end; p++)
		total += *p; // ERROR: E0205 not proved
	return total;
}
