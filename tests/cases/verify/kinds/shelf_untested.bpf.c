// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// There may be no map in the place.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

struct entry { struct Alarm alarm; u64 rings; } sample; // so that the object describes it
struct inner { int (*type)[1]; int (*max_entries)[64]; u32 *key; struct entry *value; };
struct { int (*type)[12]; int (*max_entries)[8]; u32 *key; struct inner *values[]; } shelf SEC(".maps");

SEC("begin") u64 first(struct job *ctx)
{
	u32 key = ctx->id, first = 0;
	void *table = look(&shelf, &first);
	struct entry *entry = look(table, &key); // ERROR: E0204
	return entry ? entry->rings : 0;
}
