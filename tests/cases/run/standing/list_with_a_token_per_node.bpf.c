// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Nothing says that the list ends, and each node costs a reference.
// RUN: run          EXPECT: return 136
// TOKENS: got=16 put=16 released=0 lost=0
#include <raw.h>

struct node {
	struct node *next;
	u64 id;
} nodes[16], *head;

SEC("raw") u64 walk(struct raw_context *ctx)
{
	u64 sum = 0;

	head = 0;
	for (int i = 0; i < 16; i++) {
		nodes[i].id = i + 1;
		nodes[i].next = head;
		head = &nodes[i];
	}
	for (struct node *n = head; n; n = n->next) {
		struct token *t = token_get(n->id);

		if (!t)
			continue;
		sum += n->id;
		token_put(t);
	}
	return sum;
}
