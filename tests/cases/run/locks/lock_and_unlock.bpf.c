// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 12
#include <raw.h>
#include <tn/lock.h>

struct tn_spinlock outer, inner;
u64 count;

SEC("raw") u64 lock_and_unlock(struct raw_context *ctx)
{
	for (int i = 0; i < 12; i++) {
		if (tn_lock(&outer) || tn_lock(&inner))
			return 0;
		count++;
		tn_unlock(&outer);
		tn_unlock(&inner);
	}
	return outer.word | inner.word ? 0 : count;
}
