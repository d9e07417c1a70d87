// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 packet_address_hashed(struct raw_context *ctx)
{
	return ((u64)ctx->data * 2654435761u) >> 40; // ERROR: E0211
}
