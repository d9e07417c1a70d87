// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

struct pair { u8 *p; u64 n; };
struct pair *kept;

static __attribute__((noinline)) u64 at_end(volatile struct pair *pair, struct raw_context *ctx)
{
	return pair->p == ctx->data_end;
}

SEC("raw") u64 host_pointer_in_escaped_struct(struct raw_context *ctx)
{
	struct pair here = {ctx->data, 0};

	kept = &here; // ERROR: E0207
	return at_end(&here, ctx);
}
