// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: cancelled lock_held
#include <raw.h>
#include <tn/lock.h>

struct tn_spinlock lock;
u64 count;

SEC("raw") u64 return_with_lock(struct raw_context *ctx)
{
	tn_lock(&lock);   // STOPS
	count++;
	return count;
}
