// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Plain C with pointers from malloc: a binary search tree is built, summed up and taken down.
// RUN: run          EXPECT: return 499500
#include <raw.h>
#include <tn/heap.h>

struct node {
	struct node *child[2];
	u64 key;
};

static __attribute__((noinline)) u64 take_down(struct node *n)
{
	u64 sum;

	if (!n)
		return 0;
	sum = n->key + take_down(n->child[0]) + take_down(n->child[1]);
	free(n);
	return sum;
}

SEC("raw") u64 tree(struct raw_context *ctx)
{
	struct node *root = NULL;

	for (u64 i = 0; i < 1000; i++) {
		struct node **at = &root;
		u64 key = i * 7919 % 1000;

		while (*at)
			at = &(*at)->child[key > (*at)->key];
		*at = calloc(1, sizeof(struct node));
		if (!*at)
			return 0;
		(*at)->key = key;
	}
	return take_down(root);
}
