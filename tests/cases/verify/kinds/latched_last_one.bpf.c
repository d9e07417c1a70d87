// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// In a loop the lock of the value before is unlocked.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

struct entry { u64 count; struct Latch latch; u32 flags; u32 words[4]; };
struct { int (*type)[1]; int (*max_entries)[64]; u32 *key; struct entry *value; } table SEC(".maps");

SEC("begin") u64 first(struct job *ctx)
{
	u32 zero = 0;
	struct entry *last = look(&table, &zero);
	if (!last) return 0;
	for (u32 key = 1; key < ctx->id; ++key) {
		u32 copy = key;
		struct entry *entry = look(&table, &copy);
		if (!entry) break;
		latch(&entry->latch);
		entry->count++;
		unlatch(&last->latch); // ERROR: E0315
	}
	return 0;
}
