// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: cancelled fault
// ARGS: --debug-heap
#include <raw.h>
#include <tn/heap.h>

SEC("raw") u64 use_after_free(struct raw_context *ctx)
{
	volatile u64 *p = malloc(100);

	*p = 1;
	free((void *)p);
	return *p;   // STOPS
}
