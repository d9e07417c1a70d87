// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 255
// ARGS: --ctx 01020408f0
#include <raw.h>

SEC("raw") u64 sum_of_bytes(struct raw_context *ctx)
{
	u64 total = 0;

	for (u8 *p = ctx->data; p < ctx->data_end; p++)
		total += *p;
	return total;
}
