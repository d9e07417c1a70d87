// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A hostile twin of memcached: takes the lock that all workers share, tears the lists and chains that it protects, and loops for ever. Stopped, it must have changed nothing.
#include "../transfer.h"

static u64 turns;

static __noinline void tear(struct slab_class *class)
{
	struct item *it = class->newest;

	if (!it)
		return;
	SET(table.buckets[it->hash & ((1u << table.power) - 1)], 0);
	SET(class->newest, 0);
	SET(class->free, it);
	SET(it->chain, it);
	SET(it->references, 0);
	SET(it->value_bytes, ~0u);
}

static __noinline void misbehave(bool provoked)
{
	if (!provoked)
		return;
	lock_cache();
	for (u32 id = 1; id <= slabs.largest_class && transaction.changes < MOST_CHANGES - 8; id++)
		tear(class_at(id));
	for (;;)
		*(volatile u64 *)&turns += 1;
}

#include "twin.h"
