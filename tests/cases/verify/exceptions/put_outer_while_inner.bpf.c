// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The host may have handed out the same token twice: which reference is left when the body throws?
// RUN: verify          EXPECT: reject
#include <raw.h>
#include <tn/exception.h>

static void body(void *arg)
{
	struct token *inner = token_get(1);

	if (!inner)
		return;
	token_put(*(struct token **)arg); // ERROR: E0324
	bpf_throw(1);
}

SEC("raw") u64 f(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (!t)
		return 0;
	tn_try(body, &t);
	return 0;
}
