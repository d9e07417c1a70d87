// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The bytes in which it would live are the host's to write.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

SEC("begin") u64 first(struct job *ctx)
{
	u64 place[2], room[2] = {};
	if (reader_open((void *)place, ctx)) return 0;
	if (!reader_part((void *)place, room, sizeof(room))) return 0;
	return reader_open((void *)room, ctx); // ERROR: E0207
}
