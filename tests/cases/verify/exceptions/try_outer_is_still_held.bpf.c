// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>
#include <tn/exception.h>

static void body(void *arg)
{
	struct token *inner = token_get(2);

	if (!inner)
		bpf_throw(1);
	token_put(inner);
}

SEC("raw") u64 f(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (!t)
		return 0;
	tn_try(body, 0);
	token_put(t);
	return 0;
}
