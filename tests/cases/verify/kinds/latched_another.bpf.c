// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// What is unlocked is the lock of another value.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

struct entry { u64 count; struct Latch latch; u32 flags; u32 words[4]; };
struct { int (*type)[1]; int (*max_entries)[64]; u32 *key; struct entry *value; } table SEC(".maps");

SEC("begin") u64 first(struct job *ctx)
{
	u32 key = ctx->id, other = 3;
	struct entry *mine = look(&table, &key), *theirs = look(&table, &other);
	if (!mine || !theirs) return 0;
	latch(&mine->latch);
	mine->count++;
	unlatch(&theirs->latch); // ERROR: E0315
	return 0;
}
