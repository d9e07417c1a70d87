// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

u8 source[32];

SEC("raw") u64 stack_as_memory(struct raw_context *ctx)
{
	u8 local[32] = {};

	tn_copy(local, source, sizeof(local));
	return local[3];
}
