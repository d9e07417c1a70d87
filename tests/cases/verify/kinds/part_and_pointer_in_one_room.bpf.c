// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A pointer is kept where the host may write.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

SEC("begin") u64 first(struct job *ctx)
{
	u64 place[2];
	if (reader_open((void *)place, ctx)) return 0;
	void *volatile room = 0;
	u8 *part = (u8 *)reader_part((void *)place, (void *)&room, sizeof(room));
	if (!part) return 0;
	room = part; // ERROR: E0210
	return *(u8 *)room;
}
