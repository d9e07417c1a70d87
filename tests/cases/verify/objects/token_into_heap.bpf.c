// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A host pointer in memory that the extension controls would be no host pointer any more.
// RUN: verify          EXPECT: reject
#include <raw.h>

struct token *kept;

SEC("raw") u64 token_into_heap(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (!t)
		return 0;
	kept = t; // ERROR: E0210 stored in the heap
	token_put(t);
	return 0;
}
