// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A map is no memory of the program.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

struct { int (*type)[1]; int (*max_entries)[64]; u32 *key; u64 *value; } table SEC(".maps");

SEC("begin") u64 first(struct job *ctx)
{
	return *(volatile u64 *)&table; // ERROR: E0212
}
