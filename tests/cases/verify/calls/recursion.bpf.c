// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

static __attribute__((noinline)) u64 depth(u64 n)
{
	return n ? depth(n / 2) + 1 : 0;
}

SEC("raw") u64 recursion(struct raw_context *ctx)
{
	return depth(ctx->data_end - ctx->data);
}
