// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Nobody gives a plain object in the stack back; it may be made anew.
// RUN: verify          EXPECT: accept
// INTERFACE: kinds
#include <kinds.h>

SEC("begin") u64 first(struct job *ctx)
{
	struct Cursor { u64 opaque[2]; } cursor;
	cursor_start((void *)&cursor);
	u64 place = cursor_place((void *)&cursor);
	cursor_start((void *)&cursor);
	return place + cursor_place((void *)&cursor);
}
