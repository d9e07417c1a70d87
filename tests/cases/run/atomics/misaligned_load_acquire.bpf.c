// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: cancelled misaligned
#include <raw.h>
#include <tn/atomic.h>

u64 cells[2];
u64 offset = 4;

SEC("raw") u64 misaligned_load_acquire(struct raw_context *ctx)
{
	return tn_load_acquire((u64 *)((u64)cells + offset));
}
