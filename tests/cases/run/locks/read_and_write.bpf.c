// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 5
#include <raw.h>
#include <tn/lock.h>

struct tn_rwlock lock;
u64 value;

SEC("raw") u64 read_and_write(struct raw_context *ctx)
{
	u64 seen;

	tn_lock_write(&lock);
	value = 5;
	tn_unlock_write(&lock);
	tn_lock_read(&lock);
	seen = value;
	tn_unlock_read(&lock);
	return seen;
}
