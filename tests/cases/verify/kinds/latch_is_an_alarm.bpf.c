// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The field at that place is of another type.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

struct entry { struct Alarm alarm; struct Latch latch; };
struct { int (*type)[1]; int (*max_entries)[64]; u32 *key; struct entry *value; } table SEC(".maps");

SEC("begin") u64 first(struct job *ctx)
{
	u32 key = ctx->id;
	struct entry *entry = look(&table, &key);
	if (!entry) return 0;
	latch((void *)&entry->alarm); // ERROR: E0302
	unlatch((void *)&entry->alarm);
	return 0;
}
