// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Another program takes the place of the program, not of a function that is called later.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

struct entry { struct Alarm alarm; u64 rings; };
struct { int (*type)[1]; int (*max_entries)[64]; u32 *key; struct entry *value; } table SEC(".maps");

static s64 ring(void *map, u32 *key, struct entry *entry)
{
	hand_over(entry->rings); // ERROR: E0408
	return 0;
}

SEC("begin") u64 first(struct job *ctx)
{
	u32 key = ctx->id;
	struct entry *entry = look(&table, &key);
	return entry ? alarm_set(&entry->alarm, &table, (void *)ring) : 0;
}
