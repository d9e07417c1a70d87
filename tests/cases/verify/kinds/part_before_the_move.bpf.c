// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The packet has moved, and the part of it has not.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

SEC("begin") u64 first(struct job *ctx)
{
	u64 place[2];
	if (reader_open((void *)place, ctx)) return 0;
	u8 *part = (u8 *)reader_part((void *)place, 0, 16);
	if (!part) return 0;
	shift(ctx, 4);
	return part[0]; // ERROR: E0309
}
