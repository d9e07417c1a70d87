// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The map says that programs only read its values, and this one does.
// RUN: verify          EXPECT: accept
// INTERFACE: kinds
#include <kinds.h>

struct { int (*type)[1]; int (*max_entries)[64]; int (*map_flags)[128]; unsigned int *key; unsigned long long *value; } table SEC(".maps");

SEC("begin") u64 first(struct job *ctx)
{
	u32 key = ctx->id;
	u64 *value = look(&table, &key);
	if (!value) return 0;
	if (*value == 7) return 8;
	return *value;
}
