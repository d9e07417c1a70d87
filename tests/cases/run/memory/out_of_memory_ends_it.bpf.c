// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A host may prefer that: the run ends where the memory did.
// RUN: run          EXPECT: cancelled memory_limit
// ARGS: --heap 1M --cancel-out-of-memory
#include <raw.h>
#include <tn/heap.h>

SEC("raw") u64 out_of_memory_ends_it(struct raw_context *ctx)
{
	u64 got = 0;

	for (;;)
		got += malloc(5000) != NULL;   // STOPS
	return got;
}
