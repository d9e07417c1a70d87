// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: cancelled misaligned
#include <raw.h>

u8 bytes[16];
u64 offset = 1;

SEC("raw") u64 misaligned_atomic(struct raw_context *ctx)
{
	__sync_fetch_and_add((u64 *)(bytes + *(volatile u64 *)&offset), 1); // STOPS
	return 0;
}
