// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Each run of the callback locks its own value.
// RUN: verify          EXPECT: accept
// INTERFACE: kinds
#include <kinds.h>

struct entry { u64 count; struct Latch latch; u32 flags; u32 words[4]; };
struct { int (*type)[1]; int (*max_entries)[64]; u32 *key; struct entry *value; } table SEC(".maps");

static s64 each(u32 *key, struct entry *entry, u64 *sum)
{
	latch(&entry->latch);
	*sum += entry->count;
	unlatch(&entry->latch);
	return 0;
}

SEC("begin") u64 first(struct job *ctx)
{
	u64 sum = 0;
	walk(&table, (void *)each, &sum);
	return sum;
}
