/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* set, add, replace, append, prepend, cas: first the line, then, once the value is there, the deed. */
#pragma once

#include "line.h"

enum store_result { STORED, NOT_STORED, EXISTS, NOT_FOUND, MALFORMED };

/* Reads the numbers of the line; false: one of them is none. */
static __always_inline bool read_storage_line(struct worker *w, struct item_wish *wish, s32 *value_bytes, u64 *unique, bool with_unique)
{
	s32 expiry;

	if (!read_u32(word(w, 2), &wish->flags) || !read_s32(word(w, 3), &expiry) || !read_s32(word(w, 4), value_bytes))
		return false;
	wish->expiry = expiry_from(expiry);
	if (with_unique && !read_u64(word(w, 5), unique))
		return false;
	return *value_bytes >= 0 && *value_bytes <= 0x7fffffff - 2;
}

/* The client is told once its value has been skipped. Under the lock. */
static __always_inline void refuse_item(struct worker *w, const struct item_wish *wish, u32 command)
{
	struct connection *c = w->peer;
	struct item *stale;

	c->no_memory = item_fits(wish->key_length, wish->flags, wish->value_bytes);
	if (c->no_memory)
		w->counters.no_memory++;
	else
		w->counters.too_large++;
	c->mode = MODE_SWALLOW;
	c->skip = wish->value_bytes;
	if (command != STORE_SET)
		return;
	stale = item_find(w, wish->key, wish->key_length, wish->hash);
	if (stale)
		item_unlink(stale);
}

static __noinline void finish_refusal(struct worker *w)
{
	w->peer->mode = MODE_LINE;
	if (w->peer->no_memory)
		ANSWER(w, "SERVER_ERROR out of memory storing object");
	else
		ANSWER(w, "SERVER_ERROR object too large for cache");
}

static __noinline void begin_storage(struct worker *w, u32 command)
{
	struct connection *c = w->peer;
	struct item_wish wish;
	struct item *it;
	s32 value_bytes;
	u64 unique = 0;

	wants_quiet(w);
	if (word(w, 1).length > MAX_KEY_BYTES || !read_storage_line(w, &wish, &value_bytes, &unique, command == STORE_CAS)) {
		ANSWER(w, BAD_FORMAT);
		return;
	}
	wish.key = word(w, 1).at;
	wish.key_length = word(w, 1).length;
	wish.hash = hash_of(wish.key, wish.key_length);
	wish.value_bytes = value_bytes + 2;
	wish.busy = 0;
	lock_cache();
	it = item_new(w, &wish);
	if (it)
		SET(c->item, it);
	else
		refuse_item(w, &wish, command);
	unlock_cache();
	if (!it)
		return;
	c->wanted_unique = unique;
	c->command = command;
	c->progress = 0;
	c->mode = MODE_VALUE;
}

/* A new item with the old one's flags and expiry and both values; null when it cannot be had. */
static __always_inline struct item *joined(struct worker *w, struct item *old, struct item *it, bool append)
{
	struct item_wish wish = {
		.key = it->key, .key_length = it->key_length, .hash = it->hash,
		.flags = item_flags(old), .expiry = old->expiry,
		.value_bytes = old->value_bytes + it->value_bytes - 2, .busy = old,
	};
	struct item *first = append ? old : it, *second = append ? it : old;
	struct item *both = item_new(w, &wish);

	if (both) {
		tn_copy(item_value(both), item_value(first), first->value_bytes - 2);
		tn_copy(item_value(both) + first->value_bytes - 2, item_value(second), second->value_bytes);
	}
	return both;
}

static __always_inline enum store_result join(struct worker *w, struct item *old, struct item *it)
{
	struct connection *c = w->peer;
	struct item *both;

	if (c->wanted_unique && c->wanted_unique != old->unique)
		return EXISTS;
	both = joined(w, old, it, c->command == STORE_APPEND);
	if (!both)
		return NOT_STORED;
	item_replace(old, both);
	w->counters.total_items++;
	item_release(both);
	return STORED;
}

static __always_inline enum store_result compare_and_store(struct worker *w, struct item *old, struct item *it)
{
	u64 wanted = w->peer->wanted_unique;

	if (!wanted || wanted != old->unique) {
		counters_of(w, old)->cas_bad++;
		return EXISTS;
	}
	counters_of(w, old)->cas_hits++;
	item_replace(old, it);
	w->counters.total_items++;
	return STORED;
}

static __noinline enum store_result store_over(struct worker *w, struct item *old, struct item *it)
{
	switch (w->peer->command) {
	case STORE_ADD:
		item_bump(old);
		return NOT_STORED;
	case STORE_CAS:
		return compare_and_store(w, old, it);
	case STORE_APPEND:
	case STORE_PREPEND:
		return join(w, old, it);
	default:
		item_replace(old, it);
		w->counters.total_items++;
		return STORED;
	}
}

static __always_inline enum store_result store_first(struct worker *w, struct item *it)
{
	switch (w->peer->command) {
	case STORE_SET:
	case STORE_ADD:
		item_link(it);
		w->counters.total_items++;
		return STORED;
	case STORE_CAS:
		w->counters.cas_misses++;
		return NOT_FOUND;
	default:
		return NOT_STORED;
	}
}

/* The value of the peer's item is complete. The deed, and that the item is no longer the peer's, are one transaction. */
static __always_inline enum store_result store(struct worker *w)
{
	struct connection *c = w->peer;
	struct item *it = c->item;
	const u8 *end = item_value(it) + it->value_bytes;
	enum store_result result = MALFORMED;

	lock_cache();
	counters_of(w, it)->set_commands++;
	if (end[-2] == '\r' && end[-1] == '\n') {
		struct item *old = item_find(w, it->key, it->key_length, it->hash);

		result = old ? store_over(w, old, it) : store_first(w, it);
	}
	item_release(it);
	SET(c->item, 0);
	commit();
	maintain_table();
	unlock_cache();
	return result;
}

static __noinline void finish_storage(struct worker *w)
{
	enum store_result result = store(w);

	w->peer->mode = MODE_LINE;
	switch (result) {
	case STORED:
		ANSWER(w, "STORED");
		break;
	case NOT_STORED:
		ANSWER(w, "NOT_STORED");
		break;
	case EXISTS:
		ANSWER(w, "EXISTS");
		break;
	case NOT_FOUND:
		ANSWER(w, "NOT_FOUND");
		break;
	case MALFORMED:
		ANSWER(w, "CLIENT_ERROR bad data chunk");
	}
}
