// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// What the room holds may be changed through the part, so it is not known.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

SEC("begin") u64 first(struct job *ctx)
{
	u64 place[2];
	if (reader_open((void *)place, ctx)) return 0;
	u8 *data = ctx->data;
	if (data + 8 > (u8 *)ctx->data_end) return 0;
	u64 room = 1;
	u8 *part = (u8 *)reader_part((void *)place, &room, sizeof(room));
	if (!part) return 0;
	*(volatile u64 *)&room = 1;
	part[0] = 200;
	return data[*(volatile u64 *)&room]; // ERROR: E0205
}
