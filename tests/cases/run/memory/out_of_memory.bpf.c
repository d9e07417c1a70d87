// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// At the heap's limit malloc says no, and what is freed can be had again.
// RUN: run          EXPECT: return 1
// ARGS: --heap 64M --heap-limit 1M
#include <raw.h>
#include <tn/heap.h>

struct block {
	struct block *next;
};

static __attribute__((noinline)) u64 fill_and_free(void)
{
	struct block *all = NULL, *b;
	u64 count = 0;

	while ((b = malloc(1000))) {
		b->next = all;
		all = b;
		count++;
	}
	while ((b = all)) {
		all = b->next;
		free(b);
	}
	return count;
}

SEC("raw") u64 out_of_memory(struct raw_context *ctx)
{
	u64 first = fill_and_free();

	return first > 800 && first == fill_and_free() && malloc(500000) != NULL;
}
