// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Host pointers are given back by the runtime; what is destroyed lies in the extension's memory, where they may not be.
// RUN: verify          EXPECT: reject
#include <raw.h>
#include <tn/exception.h>

struct tn_dropped_by(guard_drop) guard {
	struct token *t;
};
tn_destructor static void guard_drop(struct guard *g) { token_put(g->t); }

SEC("raw") u64 f(struct raw_context *ctx)
{
	struct token *t = token_get(1);

	if (!t)
		return 0;
	tn_scoped(struct guard, g, {t}); // ERROR: E0207
	return 1;
}
