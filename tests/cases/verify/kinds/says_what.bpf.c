// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Characters that may change, or have no end.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

SEC("begin") u64 first(struct job *ctx)
{
	char format[8] = "%d";
	say(format, ctx->id);   // ERROR: E0223 text
	return 0;
}
