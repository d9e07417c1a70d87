// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

u64 kept;

SEC("raw") u64 packet_position_in_heap(struct raw_context *ctx)
{
	for (u8 *p = ctx->data; p < ctx->data_end; p++)
		if (*p == ':')
			kept = p - ctx->data;
	return kept;
}
