/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* Items by key: storing, finding, expiry, flushing, and making room by dropping the item of the same class that was used least recently. */
#pragma once

#include "clock.h"
#include "slab.h"
#include "table.h"

#define TAIL_TRIES 5
#define ROOM_TRIES 10

static struct {
	u64 last_unique;
	u32 flushed_until;        /* items stored at or before this second are gone, once it has come; 0: none */
	u64 flushed_unique;       /* so are those with a smaller unique number; 0: none */
	u64 items, items_bytes;
	struct item *busy;        /* being worked on: not to be dropped for room */
} cache;

static __always_inline u64 next_unique(void) { return ++cache.last_unique; }

static __always_inline void list_push(struct slab_class *class, struct item *it)
{
	it->newer = 0;
	it->older = class->newest;
	if (class->newest)
		class->newest->newer = it;
	else
		class->oldest = it;
	class->newest = it;
	class->items++;
	class->items_bytes += item_bytes(it);
}

static __always_inline void list_remove(struct slab_class *class, struct item *it)
{
	if (it->newer)
		it->newer->older = it->older;
	else
		class->newest = it->older;
	if (it->older)
		it->older->newer = it->newer;
	else
		class->oldest = it->newer;
	class->items--;
	class->items_bytes -= item_bytes(it);
}

static __always_inline void item_release(struct item *it)
{
	if (--it->references == 0)
		give_chunk(class_at(it->class), it);
}

static __always_inline void item_link(struct item *it)
{
	it->state |= ITEM_LINKED;
	it->time = clock.now;
	it->unique = next_unique();
	it->references++;
	cache.items++;
	cache.items_bytes += item_bytes(it);
	counters.total_items++;
	table_insert(it);
	list_push(class_at(it->class), it);
}

static __noinline void item_unlink(struct item *it)
{
	if (!(it->state & ITEM_LINKED))
		return;
	it->state &= ~ITEM_LINKED;
	cache.items--;
	cache.items_bytes -= item_bytes(it);
	table_remove(it);
	list_remove(class_at(it->class), it);
	item_release(it);
}

static __always_inline void item_replace(struct item *old, struct item *it)
{
	item_unlink(old);
	item_link(it);
}

/* To the front of its list, at most once a minute. */
static __always_inline void item_bump(struct item *it)
{
	struct slab_class *class = class_at(it->class);

	if (it->time >= clock.now - BUMP_SECONDS || !(it->state & ITEM_LINKED))
		return;
	list_remove(class, it);
	it->time = clock.now;
	list_push(class, it);
}

static __always_inline bool is_flushed(const struct item *it)
{
	if (!cache.flushed_until || cache.flushed_until > clock.now)
		return false;
	return it->time <= cache.flushed_until || (cache.flushed_unique && it->unique && it->unique < cache.flushed_unique);
}

/* Looks at the oldest items of a class: drops what is expired and, with `evict`, the first that is not. How many were dropped. */
static __noinline u32 drop_oldest(struct slab_class *class, bool evict)
{
	struct item *it = class->oldest;
	u32 dropped = 0;

	for (u32 tries = TAIL_TRIES; tries && it; tries--) {
		struct item *next = it->newer;

		if (it == cache.busy) {
			it = next;
			continue;
		}
		if (it->references > 1)
			class->counters.tail_in_use++;
		if ((it->expiry && it->expiry < clock.now) || is_flushed(it)) {
			class->counters.reclaimed++;
			class->counters.expired_unfetched += !(it->state & ITEM_FETCHED);
			item_unlink(it);
			dropped++;
			it = next;
			continue;
		}
		if (evict) {
			class->counters.evicted++;
			class->counters.evicted_age = clock.now - it->time;
			class->counters.evicted_with_expiry += it->expiry != 0;
			class->counters.evicted_unfetched += !(it->state & ITEM_FETCHED);
			item_unlink(it);
			dropped++;
		}
		break;
	}
	return dropped;
}

static __always_inline struct item *make_room(struct slab_class *class)
{
	for (u32 tries = ROOM_TRIES; tries; tries--) {
		struct item *chunk;

		drop_oldest(class, false);
		chunk = take_chunk(class);
		if (chunk)
			return chunk;
		if (!drop_oldest(class, true))
			break;
	}
	return 0;
}

static __always_inline bool item_fits(u32 key_length, u32 flags, u32 value_bytes)
{
	return value_bytes <= MAX_ITEM_BYTES && counted_bytes(key_length, flags, value_bytes) <= MAX_ITEM_BYTES;
}

struct item_wish {
	const u8 *key;
	u32 key_length, hash;
	u32 flags, expiry;
	u32 value_bytes;
};

/* A new item with one reference, not linked, its value not filled in. Null: it is too large or there is no memory for it. */
static __noinline struct item *item_new(const struct item_wish *wish)
{
	struct slab_class *class;
	struct item *it;
	u32 id;

	if (!item_fits(wish->key_length, wish->flags, wish->value_bytes))
		return 0;
	id = class_for(counted_bytes(wish->key_length, wish->flags, wish->value_bytes));
	class = class_at(id);
	it = make_room(class);
	if (!it) {
		class->counters.out_of_memory++;
		return 0;
	}
	it->expiry = wish->expiry;
	it->value_bytes = wish->value_bytes;
	it->references = 1;
	it->state = 0;
	it->class = id;
	it->key_length = wish->key_length;
	it->hash = wish->hash;
	it->unique = 0;
	tn_copy(it->key, wish->key, wish->key_length);
	set_item_flags(it, wish->flags);
	return it;
}

/* The same while `old` is worked on: it is neither dropped nor its memory reused. */
static __always_inline struct item *item_new_beside(struct item *old, const struct item_wish *wish)
{
	struct item *it;

	cache.busy = old;
	it = item_new(wish);
	cache.busy = 0;
	return it;
}

/* The live item of that key. Finding one that is expired or flushed drops it. */
static __noinline struct item *item_find(const u8 *key, u32 length, u32 hash)
{
	struct item *it = table_find(key, length, hash);

	if (!it)
		return 0;
	if (is_flushed(it))
		counters.get_flushed++;
	else if (it->expiry && it->expiry <= clock.now)
		counters.get_expired++;
	else
		return it;
	item_unlink(it);
	return 0;
}

/* The same, on a client's behalf: it counts as use. */
static __always_inline struct item *item_fetch(const u8 *key, u32 length, u32 hash)
{
	struct item *it = item_find(key, length, hash);

	if (it) {
		it->state |= ITEM_FETCHED;
		item_bump(it);
	}
	return it;
}
