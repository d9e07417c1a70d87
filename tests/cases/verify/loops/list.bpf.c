// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

struct node { struct node *next; u64 key; } *head;

SEC("raw") u64 list(struct raw_context *ctx)
{
	u64 sum = 0;

	for (struct node *n = head; n; n = n->next)
		sum += n->key;
	return sum;
}
