// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A nest of loops ends where it is, through every bpf_loop() that is under way.
// RUN: run          EXPECT: cancelled quantum
// ARGS: --quantum 2ms
// TOKENS: got=1 put=0 released=1 lost=0
#include <raw.h>
#include <tn/loop.h>

u64 count;

static long innermost(u64 i, void *ctx)
{
	count += i;
	return 0;
}
static long middle(u64 i, void *ctx)
{
	bpf_loop(8388608, innermost, ctx, 0);
	return 0;
}
static long outer(u64 i, void *ctx)
{
	bpf_loop(8388608, middle, ctx, 0);
	return 0;
}

SEC("raw") u64 f(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (!t)
		return 0;
	bpf_loop(8388608, outer, 0, 0);
	token_put(t);
	return 0;
}
