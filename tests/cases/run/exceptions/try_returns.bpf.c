// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 42
#include <raw.h>
#include <tn/exception.h>

struct sum { u64 a, b, total; };

static void add(struct sum *s) { s->total = s->a + s->b; }

SEC("raw") u64 f(struct raw_context *ctx)
{
	struct sum s = {40, 2, 0};

	return tn_try((void (*)(void *))add, &s) ? 1 : s.total;
}
