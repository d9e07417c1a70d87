// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

struct window { u8 *p, *end; };

static __attribute__((noinline)) s32 next(struct window *w)
{
	return w->p < w->end ? *w->p++ : -1;
}

SEC("raw") u64 bounds_by_reference(struct raw_context *ctx)
{
	struct window w = {ctx->data, ctx->data_end};
	u64 sum = 0;
	s32 c;

	while ((c = next(&w)) >= 0)
		sum += c;
	return sum;
}
