// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
// INTERFACE: docs
#include <docs.h>
#include <tn/exception.h>

u64 flag;

static void body(void *arg)
{
	if (flag)
		bpf_throw(1);
}

SEC("page") s32 f(struct page_context *p)
{
	struct Thing *t = thing_get();

	if (!t)
		return 0;
	thing_lock(t);
	tn_try(body, 0);
	thing_unlock(t);
	thing_put(t);
	return 0;
}
