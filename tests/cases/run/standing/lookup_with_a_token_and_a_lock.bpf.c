// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A look-up that holds a reference and a lock when it follows a wild pointer: both are given back, and the next run finds the lock free.
// RUN: run          EXPECT: cancelled fault
// ARGS: --repeat 3
// TOKENS: got=3 put=0 released=3 lost=0
#include <raw.h>
#include <tn/lock.h>

struct entry {
	struct entry *next;
	u64 key, value;
};
struct entry *buckets[4];
struct tn_spinlock lock;

SEC("raw") u64 look_up(struct raw_context *ctx)
{
	struct token *t = token_get(2);
	u64 value = 0;

	if (!t)
		return 0;
	tn_lock(&lock);
	buckets[1] = (struct entry *)24;
	for (struct entry *e = buckets[1]; e; e = e->next) {
		if (e->key == 5) // STOPS
			value = e->value;
	}
	tn_unlock(&lock);
	token_put(t);
	return value;
}
