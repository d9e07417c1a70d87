// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>
#include <tn/exception.h>

static void body(void *arg)
{
	struct token *t = token_get(1);

	if (!t)
		bpf_throw(1);
}

SEC("raw") u64 f(struct raw_context *ctx)
{
	tn_try(body, 0);
	return 0; // ERROR: E0301
}
