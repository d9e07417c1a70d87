// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: cancelled bad_free
// ARGS: --debug-heap
#include <raw.h>
#include <tn/heap.h>

SEC("raw") u64 double_free(struct raw_context *ctx)
{
	void *p = malloc(100);

	free(p);
	free(p);   // STOPS
	return 0;
}
