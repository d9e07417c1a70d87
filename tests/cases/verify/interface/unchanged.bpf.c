// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
// Compiled against the same lines, and one without any.
#include <tn/types.h>

struct token;
struct raw_context;
extern struct token *token_get(u32 id);
extern void token_put(struct token *t) __attribute__((btf_decl_tag("tenon:fn token_put(t: own token<'t>)")));

SEC("raw") u64 unchanged(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (t)
		token_put(t);
	return 0;
}
