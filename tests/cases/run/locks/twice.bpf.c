// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: cancelled deadlock
#include <raw.h>
#include <tn/lock.h>

struct tn_spinlock lock;

SEC("raw") u64 twice(struct raw_context *ctx)
{
	tn_lock(&lock);
	tn_lock(&lock);   // STOPS
	return 1;
}
