// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

u8 source[64];

SEC("raw") u64 stack_too_short(struct raw_context *ctx)
{
	u8 local[32] = {};

	tn_copy(local, source, 33); // ERROR: E0206 does not fit
	return local[3];
}
