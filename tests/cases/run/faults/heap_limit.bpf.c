// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A heap that is full is no reason to stop: the allocator says no.
// RUN: run          EXPECT: return 0
// ARGS: --heap 1M
#include <raw.h>

SEC("raw") u64 heap_limit(struct raw_context *ctx)
{
	return tn_grow(2 << 20);
}
