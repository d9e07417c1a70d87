// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The lock that the body took was unlocked when it threw.
// RUN: verify          EXPECT: reject
// INTERFACE: docs
#include <docs.h>
#include <tn/exception.h>

u64 flag;

static void body(void *arg)
{
	struct Thing *t = *(struct Thing **)arg;

	thing_lock(t);
	if (flag)
		bpf_throw(1);
	bpf_throw(2);
}

SEC("page") s32 f(struct page_context *p)
{
	struct Thing *t = thing_get();

	if (!t)
		return 0;
	if (tn_try(body, &t))
		thing_unlock(t); // ERROR: E0315
	thing_put(t);
	return 0;
}
