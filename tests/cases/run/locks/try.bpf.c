// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 3
#include <raw.h>
#include <tn/lock.h>

struct tn_spinlock lock;

SEC("raw") u64 try(struct raw_context *ctx)
{
	u64 passed = 0;

	if (tn_trylock(&lock) == TN_TAKEN)
		passed |= 1;
	if (!tn_trylock(&lock))
		passed |= 2;
	tn_unlock(&lock);
	return passed;
}
