// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// It has to be made first.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

SEC("begin") u64 first(struct job *ctx)
{
	u64 cursor[2] = {};
	return cursor_place((void *)cursor);   // ERROR: E0302 Cursor
}
