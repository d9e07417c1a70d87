// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Pointers in the heap are plain pointers.
// RUN: run          EXPECT: return 4950
#include <raw.h>

struct node {
	struct node *next;
	u64 value;
};

SEC("raw") u64 linked_list(struct raw_context *ctx)
{
	struct node *nodes = (struct node *)tn_grow(100 * sizeof(struct node));
	struct node *head = NULL, **tail = &head;
	u64 total = 0;

	if (!nodes)
		return 0;
	for (u64 i = 0; i < 100; i++) {
		nodes[i].value = i;
		nodes[i].next = NULL;
		*tail = &nodes[i];
		tail = &nodes[i].next;
	}
	for (struct node *n = head; n; n = n->next)
		total += n->value;
	return total;
}
