// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Which value it is differs from path to path, and it is locked where they have met.
// RUN: verify          EXPECT: accept
// INTERFACE: kinds
#include <kinds.h>

struct entry { u64 count; struct Latch latch; u32 flags; u32 words[4]; };
struct { int (*type)[1]; int (*max_entries)[64]; u32 *key; struct entry *value; } table SEC(".maps");

SEC("begin") u64 first(struct job *ctx)
{
	u32 key = ctx->id, zero = 0;
	struct entry *entry = look(&table, &key);
	if (!entry) entry = look(&table, &zero);
	if (!entry) return 0;
	latch(&entry->latch);
	entry->count++;
	unlatch(&entry->latch);
	return 0;
}
