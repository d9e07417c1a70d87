// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The value comes from one call or from another.
// RUN: verify          EXPECT: accept
// INTERFACE: kinds
#include <kinds.h>

struct { int (*type)[1]; int (*max_entries)[64]; unsigned int *key; unsigned long long *value; } table SEC(".maps");

SEC("begin") u64 first(struct job *ctx)
{
	u32 key = ctx->id, other = 7;
	u64 *value = look(&table, &key);
	if (!value) value = look(&table, &other);
	if (!value) return 0;
	*value += 1;
	return *value;
}
