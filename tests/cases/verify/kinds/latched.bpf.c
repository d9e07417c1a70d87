// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The field is locked, its neighbours are changed, and what the mode allows is called; also in a loop.
// RUN: verify          EXPECT: accept
// INTERFACE: kinds
#include <kinds.h>

struct entry { u64 count; struct Latch latch; u32 flags; u32 words[4]; };
struct { int (*type)[1]; int (*max_entries)[64]; u32 *key; struct entry *value; } table SEC(".maps");

SEC("begin") u64 first(struct job *ctx)
{
	u64 sum = 0;
	for (u32 key = 0; key < ctx->id; ++key) {
		u32 copy = key;
		struct entry *entry = look(&table, &copy);
		if (!entry) continue;
		latch(&entry->latch);
		entry->count += glance();
		entry->words[key & 3] = 1;
		unlatch(&entry->latch);
		sum += entry->count;
	}
	return sum;
}
