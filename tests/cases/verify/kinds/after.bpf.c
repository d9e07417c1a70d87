// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// What is called later is lent a value of the map that was passed.
// RUN: verify          EXPECT: accept
// INTERFACE: kinds
#include <kinds.h>

struct { int (*type)[1]; int (*max_entries)[64]; u32 *key; u64 *value; } table SEC(".maps");

static s64 ring(const void *key, void *value)
{
	u64 *words = value;
	words[0] += *(u32 *)key;
	return 0;
}

SEC("begin") u64 first(struct job *ctx) { return after(&table, ring); }
