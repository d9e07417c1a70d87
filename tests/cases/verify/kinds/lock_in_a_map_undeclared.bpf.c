// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// What only another host declares is left alone, and the rest of the value is data.
// RUN: verify          EXPECT: accept
// INTERFACE: kinds
#include <kinds.h>

struct bpf_spin_lock { u32 value; };
struct guarded { struct bpf_spin_lock lock; u32 count; };
struct { int (*type)[1]; int (*max_entries)[64]; u32 *key; struct guarded *value; } table SEC(".maps");

SEC("begin") u64 first(struct job *ctx)
{
	u32 key = ctx->id;
	struct guarded *value = look(&table, &key);
	return value ? value->count : 0;
}
