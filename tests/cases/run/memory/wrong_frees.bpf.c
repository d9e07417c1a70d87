// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// What is no allocated block is not freed: not twice, not from its middle, not anywhere else.
// RUN: run          EXPECT: return 3
#include <raw.h>
#include <tn/heap.h>

u64 global[8];

SEC("raw") u64 wrong_frees(struct raw_context *ctx)
{
	u8 *a = malloc(64), *b, *c;

	if (!a)
		return 0;
	free(a + 16);
	free(a + 1);
	free(global);
	free((void *)8);
	free((void *)-16ll);
	free((void *)0x123456789abcdef0);
	free(NULL);
	b = malloc(64);
	free(a);
	free(a);
	a = malloc(64);
	c = malloc(64);
	return (a != b) + (a != c) + (b != c);
}
