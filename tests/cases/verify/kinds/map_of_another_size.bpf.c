// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
// INTERFACE: docs
#include <docs.h>

struct { int (*type)[1]; int (*max_entries)[64]; unsigned long long *key; unsigned long long *value; } table SEC(".maps");

SEC("page") s32 first(struct page_context *p)
{
	return map_counts(&table) != 0; // ERROR: E0225 4 to 8 bytes
}
