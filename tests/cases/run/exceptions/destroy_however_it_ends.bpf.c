// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Exactly once, newest first: at the end of the scope, on the way out of a loop, by return, and when something is thrown.
// RUN: run          EXPECT: return 321486759
#include <raw.h>
#include <tn/exception.h>

u64 order;

struct tn_dropped_by(note) noted {
	u64 digit;
};
tn_destructor static void note(struct noted *n) { order = order * 10 + n->digit; }

static __attribute__((noinline)) void falls_off(u64 n)
{
	tn_scoped(struct noted, a, {1});
	{
		tn_scoped(struct noted, b, {n});
		tn_scoped(struct noted, c, {3});
	}
}
static __attribute__((noinline)) u64 returns(u64 n)
{
	for (;;) {
		tn_scoped(struct noted, a, {n});
		if (n)
			return order;
	}
}
static __attribute__((noinline)) void deep(u64 n)
{
	tn_scoped(struct noted, a, {6});
	if (n)
		bpf_throw(0);
	a.digit = 0;
}
static void body(void *arg)
{
	tn_scoped(struct noted, a, {5});
	tn_scoped(struct noted, b, {1});

	b.digit = 7; // what it is when it is destroyed counts
	{
		tn_scoped(struct noted, c, {8});
	}
	deep(1);
}

SEC("raw") u64 f(struct raw_context *ctx)
{
	order = 0;
	falls_off(2);
	returns(4);
	tn_try(body, 0);
	tn_scoped(struct noted, last, {9});
	{
		tn_scoped(struct noted, again, {9});
	}
	return order;
}
