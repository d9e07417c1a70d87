// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Padding that nobody wrote, where the host does.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

SEC("begin") u64 first(struct job *ctx)
{
	struct { u32 id; u64 value; } pair;
	pair.id = ctx->id;
	pair.value = 1;
	return sum(&pair, sizeof(pair));   // ERROR: E0203 not initialised
}
