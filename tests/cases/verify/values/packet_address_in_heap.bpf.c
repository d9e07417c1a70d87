// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

u8 *kept;

SEC("raw") u64 packet_address_in_heap(struct raw_context *ctx)
{
	kept = ctx->data; // ERROR: E0210
	return 0;
}
