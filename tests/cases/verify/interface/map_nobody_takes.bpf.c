// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The interface has no function for maps.
// RUN: verify          EXPECT: reject
#include <raw.h>

struct { int (*type)[1]; int (*max_entries)[8]; u32 *key; u64 *value; } table SEC(".maps");

SEC("raw") u64 f(struct raw_context *ctx)
{
	return (u64)&table + (u64)ctx->data; // ERROR: E0209
}
