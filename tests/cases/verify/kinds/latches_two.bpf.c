// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Values with two locks could not be told apart by the one that is held.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

struct pair { struct Latch a, b; };
struct { int (*type)[1]; int (*max_entries)[64]; u32 *key; struct pair *value; } table SEC(".maps");

SEC("begin") u64 first(struct job *ctx)
{
	u32 key = ctx->id;
	struct pair *pair = look(&table, &key); // ERROR: E0225
	return pair != 0;
}
