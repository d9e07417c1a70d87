// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The destructor has variables in the heap itself; they do not lie where those are that it looks at.
// RUN: run          EXPECT: return 1122
#include <raw.h>
#include <tn/exception.h>

volatile u64 *escaped;
u64 seen;

struct tn_dropped_by(look) looked {
	u64 values[4];
};
tn_destructor static void look(struct looked *l)
{
	volatile u64 mine[16];

	escaped = mine;
	for (u64 i = 0; i < 16; i++)
		mine[i] = 77;
	seen += l->values[0] + l->values[3];
}
static __attribute__((noinline)) void deeper(u64 n)
{
	tn_scoped(struct looked, l, {{10, n, n, 12}});
	bpf_throw(l.values[2]);
}
static void body(void *arg)
{
	tn_scoped(struct looked, l, {{100, 0, 0, 1000}});
	deeper(3);
}

SEC("raw") u64 f(struct raw_context *ctx)
{
	seen = 0;
	return tn_try(body, 0) ? seen : 0;
}
