// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The room was in a function that has returned.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

static __attribute__((noinline)) u8 *part_of(void *place)
{
	u8 room[16];
	return (u8 *)reader_part(place, room, sizeof(room));
}

SEC("begin") u64 first(struct job *ctx)
{
	u64 place[2];
	if (reader_open((void *)place, ctx)) return 0;
	u8 *part = part_of(place);
	return part ? part[0] : 0; // ERROR: E0309
}
