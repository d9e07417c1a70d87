// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The frame lives in the heap, where host pointers may not be.
// RUN: verify          EXPECT: reject
#include <raw.h>

struct pair { u8 *p; u64 n; } *kept;
static __attribute__((noinline)) u64 at_end(volatile struct pair *pair, struct raw_context *ctx) { return pair->p == ctx->data_end; }

SEC("raw") u64 f(struct raw_context *ctx)
{
	struct pair here = {ctx->data, 0};
	kept = &here; // ERROR: E0207
	return at_end(&here, ctx);
}
