// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: cancelled deadlock
#include <raw.h>
#include <tn/lock.h>

struct tn_rwlock lock;

SEC("raw") u64 read_then_write(struct raw_context *ctx)
{
	tn_lock_read(&lock);
	tn_lock_write(&lock);   // STOPS
	return 1;
}
