// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Newest first; at the end of the body it was called in.
// RUN: run          EXPECT: return 321
#include <raw.h>
#include <tn/exception.h>

u64 order;

void note(u64 n) { order = order * 10 + n; }

static void returns(void *arg) { tn_defer(note, 3); }
static void throws(void *arg)
{
	tn_defer(note, 1);
	tn_defer(note, 2);
	bpf_throw(0);
}

SEC("raw") u64 f(struct raw_context *ctx)
{
	order = 0;
	tn_try(returns, 0);
	tn_try(throws, 0);
	return order;
}
