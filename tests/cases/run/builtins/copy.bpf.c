// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 0x0807060504030201
#include <raw.h>

u8 source[8] = {1, 2, 3, 4, 5, 6, 7, 8};
u64 target;

SEC("raw") u64 copy(struct raw_context *ctx)
{
	tn_copy(&target, source, sizeof(target));
	return target;
}
