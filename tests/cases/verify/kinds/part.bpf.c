// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A part of the packet, in place or in the room.
// RUN: verify          EXPECT: accept
// INTERFACE: kinds
#include <kinds.h>

SEC("begin") u64 first(struct job *ctx)
{
	u64 place[2];
	if (reader_open((void *)place, ctx)) return 0;
	u8 room[16] = {};
	u8 *part = (u8 *)reader_part((void *)place, room, sizeof(room));
	if (!part) return 0;
	part[3] = 7;
	return part[15] + room[3];
}
