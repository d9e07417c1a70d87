// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Which of the inner maps it is nobody can tell.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

struct entry { struct Alarm alarm; u64 rings; } sample; // so that the object describes it
struct inner { int (*type)[1]; int (*max_entries)[64]; u32 *key; struct entry *value; };
struct { int (*type)[12]; int (*max_entries)[8]; u32 *key; struct inner *values[]; } shelf SEC(".maps");

static s64 ring(void *map, u32 *key, struct entry *entry) { return 0; }

SEC("begin") u64 first(struct job *ctx)
{
	u32 key = ctx->id, first = 0, second = 1;
	void *table = look(&shelf, &first), *another = look(&shelf, &second);
	if (!table || !another) return 0;
	struct entry *entry = look(table, &key);
	if (!entry) return 0;
	return alarm_set(&entry->alarm, another, (void *)ring); // ERROR: E0225
}
