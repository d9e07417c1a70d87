// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The value may be null.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

struct entry { u64 count; struct Latch latch; u32 flags; u32 words[4]; };
struct { int (*type)[1]; int (*max_entries)[64]; u32 *key; struct entry *value; } table SEC(".maps");

SEC("begin") u64 first(struct job *ctx)
{
	u32 key = ctx->id;
	struct entry *entry = look(&table, &key);
	latch((void *)entry + 8); // ERROR: E0204
	return 0;
}
