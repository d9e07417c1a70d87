// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A part has as many bytes as were asked for.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

SEC("begin") u64 first(struct job *ctx)
{
	u64 place[2];
	if (reader_open((void *)place, ctx)) return 0;
	u8 *part = (u8 *)reader_part((void *)place, 0, 16);
	return part ? part[16] : 0; // ERROR: E0205
}
