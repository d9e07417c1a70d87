/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* Items by key: storing, finding, expiry, flushing, and making room by dropping the item of the same class that was used least recently. All of it under the lock, which
 * is one for everything that the workers share: README.md says why. */
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
} cache;

static __noinline void recover(void)
{
	take_back();
	if (table.old)
		move_bucket();
}

static __always_inline void lock_cache(void)
{
	if (tn_lock_write(&transaction.lock) & TN_ABANDONED)
		recover();
}

static __always_inline void unlock_cache(void)
{
	commit();
	tn_unlock_write(&transaction.lock);
}

/* For whoever only looks. */
static __always_inline void lock_cache_shared(void)
{
	while (tn_lock_read(&transaction.lock) & TN_ABANDONED) {
		tn_unlock_read(&transaction.lock);
		lock_cache();
		unlock_cache();
	}
}

static __always_inline void unlock_cache_shared(void) { tn_unlock_read(&transaction.lock); }

static __always_inline void new_unique(struct item *it)
{
	SET(cache.last_unique, cache.last_unique + 1);
	SET(it->unique, cache.last_unique);
}

static __always_inline struct class_counters *counters_of(struct worker *w, const struct item *it)
{
	return &w->counters.classes[it->class % MAX_CLASSES];
}

static __always_inline void list_push(struct slab_class *class, struct item *it)
{
	SET(it->newer, 0);
	SET(it->older, class->newest);
	if (class->newest)
		SET(class->newest->newer, it);
	else
		SET(class->oldest, it);
	SET(class->newest, it);
	SET(class->items, class->items + 1);
	SET(class->items_bytes, class->items_bytes + item_bytes(it));
}

static __always_inline void list_remove(struct slab_class *class, struct item *it)
{
	if (it->newer)
		SET(it->newer->older, it->older);
	else
		SET(class->newest, it->older);
	if (it->older)
		SET(it->older->newer, it->newer);
	else
		SET(class->oldest, it->newer);
	SET(class->items, class->items - 1);
	SET(class->items_bytes, class->items_bytes - item_bytes(it));
}

static __always_inline void item_reference(struct item *it) { SET(it->references, it->references + 1); }

static __always_inline void item_release(struct item *it)
{
	SET(it->references, it->references - 1);
	if (!it->references)
		give_chunk(class_at(it->class), it);
}

static __always_inline void item_link(struct item *it)
{
	SET(it->state, it->state | ITEM_LINKED);
	SET(it->time, now());
	new_unique(it);
	item_reference(it);
	table_insert(it);
	list_push(class_at(it->class), it);
}

static __noinline void item_unlink(struct item *it)
{
	if (!(it->state & ITEM_LINKED))
		return;
	SET(it->state, it->state & ~ITEM_LINKED);
	table_remove(it);
	list_remove(class_at(it->class), it);
	item_release(it);
}

static __always_inline void item_replace(struct item *old, struct item *it)
{
	item_unlink(old);
	item_link(it);
}

static __always_inline bool wants_bump(const struct item *it) { return it->time < now() - BUMP_SECONDS; }

/* To the front of its list, at most once a minute. */
static __always_inline void item_bump(struct item *it)
{
	struct slab_class *class = class_at(it->class);

	if (!wants_bump(it) || !(it->state & ITEM_LINKED))
		return;
	list_remove(class, it);
	SET(it->time, now());
	list_push(class, it);
}

static __always_inline bool is_flushed(const struct item *it)
{
	if (!cache.flushed_until || cache.flushed_until > now())
		return false;
	return it->time <= cache.flushed_until || (cache.flushed_unique && it->unique && it->unique < cache.flushed_unique);
}

/* Looks at the oldest items of a class, but not at `busy`: drops what is expired and, with `evict`, the first that is not. How many were dropped; that they are is final. */
static __noinline u32 drop_oldest(struct worker *w, u32 id, const struct item *busy, bool evict)
{
	struct slab_class *class = class_at(id);
	struct class_counters *counters = &w->counters.classes[id % MAX_CLASSES];
	struct item *it = class->oldest;
	u32 dropped = 0;

	for (u32 tries = TAIL_TRIES; tries && it; tries--) {
		struct item *next = it->newer;
		bool expired = (it->expiry && it->expiry < now()) || is_flushed(it);

		if (it == busy) {
			it = next;
			continue;
		}
		if (it->references > 1)
			counters->tail_in_use++;
		if (expired) {
			counters->reclaimed++;
			counters->expired_unfetched += !(it->state & ITEM_FETCHED);
		} else if (evict) {
			counters->evicted++;
			counters->evicted_with_expiry += it->expiry != 0;
			counters->evicted_unfetched += !(it->state & ITEM_FETCHED);
			SET(class->evicted_age, now() - it->time);
		} else {
			break;
		}
		item_unlink(it);
		commit();
		dropped++;
		if (!expired)
			break;
		it = next;
	}
	return dropped;
}

static __always_inline struct item *make_room(struct worker *w, u32 id, const struct item *busy)
{
	for (u32 tries = ROOM_TRIES; tries; tries--) {
		struct item *chunk;

		drop_oldest(w, id, busy, false);
		chunk = take_chunk(class_at(id));
		if (chunk)
			return chunk;
		if (!drop_oldest(w, id, busy, true))
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
	struct item *busy;    /* is worked on meanwhile: neither to be dropped nor its memory reused; null: nothing is */
};

/* A new item with one reference, not linked, its value not filled in. Null: it is too large or there is no memory for it. Begins a transaction. */
static __noinline struct item *item_new(struct worker *w, const struct item_wish *wish)
{
	struct item *it;
	u32 id;

	if (!item_fits(wish->key_length, wish->flags, wish->value_bytes))
		return 0;
	id = class_for(counted_bytes(wish->key_length, wish->flags, wish->value_bytes));
	it = make_room(w, id, wish->busy);
	if (!it) {
		w->counters.classes[id % MAX_CLASSES].out_of_memory++;
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

static __always_inline bool is_expired(const struct item *it) { return it->expiry && it->expiry <= now(); }

/* The live item of that key. Finding one that is expired or flushed drops it. */
static __noinline struct item *item_find(struct worker *w, const u8 *key, u32 length, u32 hash)
{
	struct item *it = table_find(key, length, hash);

	if (!it)
		return 0;
	if (is_flushed(it))
		w->counters.get_flushed++;
	else if (is_expired(it))
		w->counters.get_expired++;
	else
		return it;
	item_unlink(it);
	commit();
	return 0;
}

/* The same, on a client's behalf: it counts as use. */
static __always_inline struct item *item_fetch(struct worker *w, const u8 *key, u32 length, u32 hash)
{
	struct item *it = item_find(w, key, length, hash);

	if (it) {
		if (!(it->state & ITEM_FETCHED))
			SET(it->state, it->state | ITEM_FETCHED);
		item_bump(it);
	}
	return it;
}
