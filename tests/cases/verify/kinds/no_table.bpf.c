// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A ring buffer has no entries to look up.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

struct { int (*type)[27]; int (*max_entries)[64]; unsigned int *key; unsigned long long *value; } table SEC(".maps");

SEC("begin") u64 first(struct job *ctx)
{
	u32 key = ctx->id;
	u64 *value = look(&table, &key);   // ERROR: E0225 ringbuf
	return value ? *value : 0;
}
