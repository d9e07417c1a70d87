// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A body that returns may leave what it acquired to its caller.
// RUN: run          EXPECT: return 1
// TOKENS: got=1 put=1 released=0 lost=0
#include <raw.h>
#include <tn/exception.h>

struct found { struct token *t; };

static void body(void *arg)
{
	struct found *f = arg;

	f->t = token_get(1);
	if (!f->t)
		bpf_throw(1);
}

SEC("raw") u64 f(struct raw_context *ctx)
{
	struct found found;

	if (tn_try(body, &found))
		return 0;
	if (!found.t)
		return 2;
	token_put(found.t);
	return 1;
}
