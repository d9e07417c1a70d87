// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 reads_where_it_may_have_ended(struct raw_context *ctx)
{
	u8 *p = ctx->data;

	while (p < ctx->data_end && *p != ' ')
		p++;
	return *p; // ERROR: E0205
}
