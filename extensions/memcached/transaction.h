/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* Changes to what the workers share happen as a whole or not at all, wherever a call is stopped. While the lock is held, SET() notes what was there before; commit() makes
 * what has been set so far final; who takes the lock of a call that was stopped takes back the rest. That may itself be stopped: the next one does it again.
 * Words that are noted are written under the lock only. */
#pragma once

#include <tn/lock.h>

#include "platform.h"

/* The most that lies between two commits is one item in the place of another, which is 40 or so. */
#define MOST_CHANGES 64

struct change {
	u64 *word;
	u64 before;
};

static struct {
	struct tn_rwlock lock;
	u32 changes;
	struct change change[MOST_CHANGES];
} transaction __attribute__((aligned(64)));

#define keep_order() __asm__ volatile("" ::: "memory")
#define STORE(place_, value_) (*(volatile __typeof__(place_) *)&(place_) = (value_))

/* Notes the aligned word around `place`, so that it can be restored. */
static __always_inline void note(const void *place)
{
	u64 *word = (u64 *)((u64)place & ~7ull);
	u32 n = transaction.changes;

	if (n >= MOST_CHANGES)
		STORE(*(u64 *)0, 0);  /* a bug: rather be stopped here, and all of it taken back, than lose count */
	STORE(transaction.change[n].word, word);
	STORE(transaction.change[n].before, *word);
	STORE(transaction.changes, n + 1);
}

/* For a place of at most eight bytes that lies in one aligned word. */
#define SET(place_, value_) \
	do { \
		note(&(place_)); \
		STORE(place_, value_); \
	} while (0)

/* For what other functions are about to write to. */
static __always_inline void note_bytes(const u8 *from, u32 bytes)
{
	for (const u8 *word = (const u8 *)((u64)from & ~7ull); word < from + bytes; word += 8)
		note(word);
	keep_order();
}

static __always_inline void commit(void)
{
	keep_order();
	STORE(transaction.changes, 0);
}

/* Newest first; a change that is taken back twice is still taken back. */
static __noinline void take_back(void)
{
	while (transaction.changes) {
		struct change *last = &transaction.change[(transaction.changes - 1) % MOST_CHANGES];

		STORE(*last->word, last->before);
		STORE(transaction.changes, transaction.changes - 1);
	}
}
