// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 9
// What stands in a lock is a hint to the runtime: an extension that writes over it harms its own locking and nothing else.
#include <raw.h>
#include <tn/lock.h>

struct tn_spinlock lock;

SEC("raw") u64 write_over_it(struct raw_context *ctx)
{
	tn_lock(&lock);
	lock.word = ~0ull;
	tn_unlock(&lock);
	lock.word = 0;
	return tn_lock(&lock) ? 0 : (tn_unlock(&lock), 9);
}
