// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

u64 cursor[2];

SEC("begin") u64 first(struct job *ctx)
{
	cursor_start((void *)cursor); // ERROR: E0227
	return cursor_place((void *)cursor);
}
