// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

static __attribute__((noinline)) u64 odd(u64 n);
static __attribute__((noinline)) u64 even(u64 n) { return n == 0 ? 1 : odd(n - 1) ^ 2; }
static __attribute__((noinline)) u64 odd(u64 n) { return n == 0 ? 0 : even(n - 1) ^ 4; }

SEC("raw") u64 mutual_recursion(struct raw_context *ctx)
{
	return even(ctx->data_end - ctx->data);
}
