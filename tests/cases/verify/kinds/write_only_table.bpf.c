// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The map says that programs only write its values.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

struct { int (*type)[1]; int (*max_entries)[64]; int (*map_flags)[256]; unsigned int *key; unsigned long long *value; } table SEC(".maps");

SEC("begin") u64 first(struct job *ctx)
{
	u32 key = ctx->id;
	u64 *value = look(&table, &key);
	if (!value) return 0;
	*value = 1;
	return *(volatile u64 *)value;   // ERROR: E0215
}
