// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The frame of which an address has escaped lies in the heap.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

u64 *kept;

SEC("begin") u64 first(struct job *ctx)
{
	struct Cursor { u64 opaque[2]; } cursor;
	u64 other = ctx->id;

	kept = &other;
	cursor_start((void *)&cursor); // ERROR: E0207
	return cursor_place((void *)&cursor) + other;
}
