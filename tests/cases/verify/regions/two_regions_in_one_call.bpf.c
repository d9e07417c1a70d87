// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Each walk has nodes of its own.
// RUN: verify          EXPECT: reject
// INTERFACE: docs
#include <docs.h>

SEC("page") s32 first(struct page_context *p)
{
	struct Node *outer, *inner;

	walk_begin();
	outer = node_first();
	walk_begin();
	inner = node_first();
	node_link(inner, outer); // ERROR: E0321
	walk_end();
	walk_end();
	return 0;
}
