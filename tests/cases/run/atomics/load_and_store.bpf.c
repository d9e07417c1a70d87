// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 0x1f
#include <raw.h>
#include <tn/atomic.h>

u8 byte;
u16 half;
u32 word;
u64 quad;
u64 *pointer;

SEC("raw") u64 load_and_store(struct raw_context *ctx)
{
	tn_store(&byte, 0x101, TN_RELEASE);
	tn_store(&half, 0x20002, TN_SEQ_CST);
	tn_store(&word, 4, TN_RELEASE);
	tn_store(&quad, 8, TN_RELAXED);
	tn_store(&pointer, &quad, TN_RELEASE);
	tn_fence(TN_SEQ_CST);
	return tn_load(&byte, TN_ACQUIRE) | tn_load(&half, TN_SEQ_CST) | tn_load(&word, TN_ACQUIRE) | *tn_load(&pointer, TN_ACQUIRE) |
	       (tn_load_relaxed(&quad) == 8 ? 16 : 0);
}
