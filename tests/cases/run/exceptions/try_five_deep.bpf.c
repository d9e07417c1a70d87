// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Each level catches and throws on; what each held is given back on the way.
// RUN: run          EXPECT: return 15
// TOKENS: got=5 put=0 released=5 lost=0
#include <raw.h>
#include <tn/exception.h>

#define LEVEL(n, next)                                 \
	static void level##n(void *arg)                \
	{                                              \
		struct token *t = token_get(n);        \
		if (!t)                                \
			return;                        \
		next;                                  \
		token_put(t);                          \
	}

LEVEL(5, bpf_throw(5))
LEVEL(4, if (tn_try(level5, arg)) bpf_throw(tn_cookie() + 4))
LEVEL(3, if (tn_try(level4, arg)) bpf_throw(tn_cookie() + 3))
LEVEL(2, if (tn_try(level3, arg)) bpf_throw(tn_cookie() + 2))
LEVEL(1, if (tn_try(level2, arg)) bpf_throw(tn_cookie() + 1))

SEC("raw") u64 f(struct raw_context *ctx) { return tn_try(level1, 0) ? tn_cookie() : 0; }
