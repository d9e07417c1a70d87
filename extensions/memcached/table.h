/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* The hash table: chains without bound, twice as many buckets whenever there are three items for two buckets. While it grows, buckets move a few at a time
 * after each insertion; until its turn a bucket of the old array stays in use. When the heap has no room for more buckets, chains just become longer.
 * All of it under the lock. */
#pragma once

#include "item.h"

#define FIRST_POWER 16
#define LAST_POWER 31
#define MOVES_PER_INSERTION 4

static struct {
	struct item **buckets, **old;  /* old: null unless growing */
	u32 power;
	u32 moved;                     /* buckets of `old` that are moved */
	u64 items;
	u64 seed;
	bool full;                     /* there was no room to grow */
} table;

static __always_inline u32 hash_of(const u8 *key, u32 length)
{
	u64 h = table.seed ^ length * 0x9e3779b97f4a7c15ull;
	u32 i = 0;

	for (; i + 8 <= length; i += 8) {
		h = (h ^ load8(key + i)) * 0xff51afd7ed558ccdull;
		h ^= h >> 32;
	}
	for (; i < length; i++)
		h = (h ^ key[i]) * 0xc4ceb9fe1a85ec53ull;
	h ^= h >> 29;
	h *= 0xff51afd7ed558ccdull;
	return h >> 32;
}

static __always_inline bool start_table(u64 seed)
{
	table.seed = seed;
	table.power = FIRST_POWER;
	table.buckets = (struct item **)tn_grow(sizeof(struct item *) << FIRST_POWER);
	return table.buckets;
}

static __always_inline struct item **bucket_of(u32 hash)
{
	u32 place = hash & ((1u << (table.power - 1)) - 1);

	if (table.old && place >= table.moved)
		return &table.old[place];
	return &table.buckets[hash & ((1u << table.power) - 1)];
}

static __always_inline struct item *table_find(const u8 *key, u32 length, u32 hash)
{
	struct item *it = *bucket_of(hash);

	while (it && !(it->hash == hash && it->key_length == length && same_bytes(it->key, key, length)))
		it = it->chain;
	return it;
}

/* The bucket whose turn it is. Each item by itself, for a chain may be longer than a transaction: a call that is stopped in between leaves a bucket that is neither here nor
 * there, which its successor must finish before it looks for anything. */
static __noinline void move_bucket(void)
{
	struct item **from = &table.old[table.moved];
	struct item *it;

	while ((it = *from)) {
		struct item **to = &table.buckets[it->hash & ((1u << table.power) - 1)];

		SET(*from, it->chain);
		SET(it->chain, *to);
		SET(*to, it);
		commit();
	}
	SET(table.moved, table.moved + 1);
	if (table.moved == 1u << (table.power - 1))
		SET(table.old, 0);
	commit();
}

static __noinline void grow_table(void)
{
	u64 bytes = sizeof(struct item *) << (table.power + 1);
	struct item **buckets = table.power < LAST_POWER ? (struct item **)tn_grow(bytes) : 0;

	if (!buckets) {
		table.full = true;
		return;
	}
	SET(table.old, table.buckets);
	SET(table.buckets, buckets);
	SET(table.power, table.power + 1);
	SET(table.moved, 0);
	commit();
}

/* After insertions, between transactions. */
static __always_inline void maintain_table(void)
{
	if (table.old) {
		for (u32 i = 0; i < MOVES_PER_INSERTION && table.old; i++)
			move_bucket();
	} else if (table.items > (3ull << table.power) / 2 && !table.full) {
		grow_table();
	}
}

static __always_inline void table_insert(struct item *it)
{
	struct item **bucket = bucket_of(it->hash);

	SET(it->chain, *bucket);
	SET(*bucket, it);
	SET(table.items, table.items + 1);
}

static __always_inline void table_remove(struct item *it)
{
	struct item **at = bucket_of(it->hash);

	while (*at != it)
		at = &(*at)->chain;
	SET(*at, it->chain);
	SET(table.items, table.items - 1);
}
