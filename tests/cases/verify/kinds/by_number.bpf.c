// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A function called by its number, from a section that the hook names.
// RUN: verify          EXPECT: accept
// INTERFACE: kinds
#include <kinds.h>

struct { int (*type)[2]; int (*max_entries)[64]; unsigned int *key; unsigned long long *value; } table SEC(".maps");

static u64 *(*look_up)(void *table, const void *key) = (void *)1;

SEC("start/anything") u64 first(struct job *ctx)
{
	u32 key = ctx->id;
	u64 *value = look_up(&table, &key);
	return value ? *value : 0;
}
