// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 pointer_spilled(struct raw_context *ctx)
{
	u8 *volatile kept = ctx->data;

	for (volatile u32 i = 0; i < 4; i++)
		;
	return kept < ctx->data_end ? *kept : 0;
}
