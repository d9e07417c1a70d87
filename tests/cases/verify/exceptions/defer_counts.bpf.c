// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>
#include <tn/exception.h>

u64 last;
static void clean(u64 id) { last = id; }

SEC("raw") u64 f(struct raw_context *ctx)
{
	tn_defer(clean, 1);
	return 0;
}
