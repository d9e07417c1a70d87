// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

struct node { struct node *next; u64 key; } *head;

SEC("raw") u64 list_head_on_the_stack(struct raw_context *ctx)
{
	struct node *first = head, **pp = &first;

	while (*pp) {
		if ((*pp)->key == 3)
			*pp = (*pp)->next;
		else
			pp = &(*pp)->next;
	}
	return first ? first->key : 0;
}
