// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

struct frame { u64 n; struct frame *up; };

static __attribute__((noinline)) u64 chain(struct frame *up, u64 n)
{
	struct frame here = {n, up};

	if (n == 0) {
		u64 total = 0;

		for (struct frame *f = &here; f; f = f->up)
			total += f->n;
		return total;
	}
	return chain(&here, n - 1) + 1;
}

SEC("raw") u64 recursion_with_locals(struct raw_context *ctx)
{
	return chain(0, (ctx->data_end - ctx->data) & 7);
}
