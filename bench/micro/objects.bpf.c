/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* Programs that hold, throw and catch, and do nothing else. */
#include <tn/exception.h>
#include <tn/loop.h>

struct ticket;
extern struct ticket *ticket_get(u64 n);
extern void ticket_put(struct ticket *t);

SEC("micro") u64 pairs(u64 value)
{
	for (u64 i = 0; i < value; i++)
		ticket_put(ticket_get(i));
	return value;
}

SEC("micro") u64 throws(u64 value)
{
	bpf_throw(value);
	return 0;
}

SEC("micro") u64 throws_while_holding(u64 value)
{
	struct ticket *t = ticket_get(value);

	bpf_throw(value);
	ticket_put(t);
	return 0;
}

static void nothing(void *arg) {}
static void thrower(void *arg) { bpf_throw(1); }
static void holder(void *arg)
{
	struct ticket *t = ticket_get(1);

	bpf_throw(1);
	ticket_put(t);
}

SEC("micro") u64 tries(u64 value)
{
	u64 n = 0;

	for (u64 i = 0; i < value; i++)
		n += tn_try(nothing, 0) + 1;
	return n;
}

SEC("micro") u64 catches(u64 value)
{
	u64 n = 0;

	for (u64 i = 0; i < value; i++)
		n += tn_try(thrower, 0);
	return n;
}

SEC("micro") u64 catches_while_holding(u64 value)
{
	u64 n = 0;

	for (u64 i = 0; i < value; i++)
		n += tn_try(holder, 0);
	return n;
}

static long count(u64 i, void *ctx)
{
	++*(u64 *)ctx;
	return 0;
}

SEC("micro") u64 callbacks(u64 value)
{
	u64 n = 0;

	bpf_loop(value, count, &n, 0);
	return n;
}
