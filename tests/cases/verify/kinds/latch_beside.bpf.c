// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Bytes before and behind the lock are data.
// RUN: verify          EXPECT: accept
// INTERFACE: kinds
#include <kinds.h>

struct entry { u64 count; struct Latch latch; u32 flags; u32 words[4]; };
struct { int (*type)[1]; int (*max_entries)[64]; u32 *key; struct entry *value; } table SEC(".maps");

SEC("begin") u64 first(struct job *ctx)
{
	u32 key = ctx->id;
	struct entry *entry = look(&table, &key);
	if (!entry) return 0;
	return pack(entry, 8) + pack(&entry->flags, 20) + entry->words[ctx->id & 3];
}
