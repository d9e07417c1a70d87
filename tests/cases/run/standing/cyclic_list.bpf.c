// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The same walk over a list that somebody has closed to a circle: it is stopped, and whatever reference it had at that moment is given back.
// RUN: run          EXPECT: cancelled quantum
// ARGS: --quantum 50us
// TOKENS: lost=0
#include <raw.h>

struct node {
	struct node *next;
	u64 id;
} nodes[3];

SEC("raw") u64 walk(struct raw_context *ctx)
{
	u64 sum = 0;

	for (int i = 0; i < 3; i++) {
		nodes[i].id = i + 1;
		nodes[i].next = &nodes[(i + 1) % 3];
	}
	for (struct node *n = nodes; n; n = n->next) {
		struct token *t = token_get(n->id);

		if (!t)
			continue;
		sum += n->id;
		token_put(t);
	}
	return sum;
}
