// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The function is called later: it is lent the map, the key and the value, and begins with nothing held.
// RUN: verify          EXPECT: accept
// INTERFACE: kinds
#include <kinds.h>

struct entry { struct Alarm alarm; struct Latch latch; u64 rings; };
struct { int (*type)[1]; int (*max_entries)[64]; u32 *key; struct entry *value; } table SEC(".maps");
struct { int (*type)[1]; int (*max_entries)[64]; u32 *key; struct entry *value; } other SEC(".maps");

static s64 ring(void *map, u32 *key, struct entry *entry)
{
	struct entry *again = look(map, key);
	if (!again) return 1;
	latch(&entry->latch);
	entry->rings++;
	unlatch(&entry->latch);
	return again->rings & 1;
}

SEC("begin") u64 first(struct job *ctx)
{
	u32 key = ctx->id;
	struct entry *entry = look(&table, &key);
	if (!entry) return 0;
	return alarm_set(&entry->alarm, &table, (void *)ring);
}
