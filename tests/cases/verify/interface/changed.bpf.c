// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
// Compiled against a host that took the token by loan.
#include <tn/types.h>

struct token;
struct raw_context;
extern struct token *token_get(u32 id) __attribute__((btf_decl_tag("tenon:fn token_get(id: u32) -> ?own token<'t>")));
extern void token_put(struct token *t) __attribute__((btf_decl_tag("tenon:fn token_put(t: &token<'t>)")));

SEC("raw") u64 changed(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (t)
		token_put(t); // ERROR: E0413 token_put() is not declared as it was
	return 0;
}
