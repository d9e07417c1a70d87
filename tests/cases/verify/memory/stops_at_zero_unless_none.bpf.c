// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 stops_at_zero_unless_none(struct raw_context *ctx)
{
	u64 n = 0;

	while (ctx->data[n]) // ERROR: E0205
		n++;
	return n;
}
