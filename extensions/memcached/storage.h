/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* set, add, replace, append, prepend, cas: first the line, then, once the value is there, the deed. */
#pragma once

#include "line.h"

enum store_result { STORED, NOT_STORED, EXISTS, NOT_FOUND };

/* Reads the numbers of the line; false: one of them is none. */
static __always_inline bool read_storage_line(struct item_wish *wish, s32 *value_bytes, u64 *unique, bool with_unique)
{
	s32 expiry;

	if (!read_u32(word(2), &wish->flags) || !read_s32(word(3), &expiry) || !read_s32(word(4), value_bytes))
		return false;
	wish->expiry = expiry_from(expiry);
	if (with_unique && !read_u64(word(5), unique))
		return false;
	return *value_bytes >= 0 && *value_bytes <= 0x7fffffff - 2;
}

/* The client is told once its value has been skipped. */
static __always_inline void refuse_item(struct connection *c, const struct item_wish *wish, u32 command)
{
	struct item *stale;

	c->no_memory = item_fits(wish->key_length, wish->flags, wish->value_bytes);
	if (c->no_memory)
		counters.no_memory++;
	else
		counters.too_large++;
	c->mode = MODE_SWALLOW;
	c->skip = wish->value_bytes;
	if (command != STORE_SET)
		return;
	stale = item_find(wish->key, wish->key_length, wish->hash);
	if (stale)
		item_unlink(stale);
}

static __noinline void finish_refusal(struct connection *c)
{
	c->mode = MODE_LINE;
	if (c->no_memory)
		ANSWER(c, "SERVER_ERROR out of memory storing object");
	else
		ANSWER(c, "SERVER_ERROR object too large for cache");
}

static __noinline void begin_storage(struct connection *c, u32 command)
{
	struct item_wish wish;
	s32 value_bytes;
	u64 unique = 0;

	wants_quiet(c);
	if (word(1).length > MAX_KEY_BYTES || !read_storage_line(&wish, &value_bytes, &unique, command == STORE_CAS)) {
		ANSWER(c, BAD_FORMAT);
		return;
	}
	wish.key = word(1).at;
	wish.key_length = word(1).length;
	wish.hash = hash_of(wish.key, wish.key_length);
	wish.value_bytes = value_bytes + 2;
	c->item = item_new(&wish);
	if (!c->item) {
		refuse_item(c, &wish, command);
		return;
	}
	c->wanted_unique = unique;
	c->command = command;
	c->progress = 0;
	c->mode = MODE_VALUE;
}

/* A new item with the old one's flags and expiry and both values; null when it cannot be had. */
static __always_inline struct item *joined(struct item *old, struct item *it, bool append)
{
	struct item_wish wish = {
		.key = it->key, .key_length = it->key_length, .hash = it->hash,
		.flags = item_flags(old), .expiry = old->expiry,
		.value_bytes = old->value_bytes + it->value_bytes - 2,
	};
	struct item *first = append ? old : it, *second = append ? it : old;
	struct item *both = item_new_beside(old, &wish);

	if (both) {
		tn_copy(item_value(both), item_value(first), first->value_bytes - 2);
		tn_copy(item_value(both) + first->value_bytes - 2, item_value(second), second->value_bytes);
	}
	return both;
}

static __always_inline enum store_result join(struct connection *c, struct item *old, struct item *it)
{
	struct item *both;

	if (c->wanted_unique && c->wanted_unique != old->unique)
		return EXISTS;
	both = joined(old, it, c->command == STORE_APPEND);
	if (!both)
		return NOT_STORED;
	item_replace(old, both);
	item_release(both);
	return STORED;
}

static __always_inline enum store_result compare_and_store(struct connection *c, struct item *old, struct item *it)
{
	struct slab_class *class = class_at(old->class);

	if (!c->wanted_unique || c->wanted_unique != old->unique) {
		class->counters.cas_bad++;
		return EXISTS;
	}
	class->counters.cas_hits++;
	item_replace(old, it);
	return STORED;
}

static __noinline enum store_result store_over(struct connection *c, struct item *old, struct item *it)
{
	switch (c->command) {
	case STORE_ADD:
		item_bump(old);
		return NOT_STORED;
	case STORE_CAS:
		return compare_and_store(c, old, it);
	case STORE_APPEND:
	case STORE_PREPEND:
		return join(c, old, it);
	default:
		item_replace(old, it);
		return STORED;
	}
}

static __always_inline enum store_result store_first(struct connection *c, struct item *it)
{
	switch (c->command) {
	case STORE_SET:
	case STORE_ADD:
		item_link(it);
		return STORED;
	case STORE_CAS:
		counters.cas_misses++;
		return NOT_FOUND;
	default:
		return NOT_STORED;
	}
}

/* The value of c->item is complete. */
static __noinline void finish_storage(struct connection *c)
{
	struct item *it = c->item;
	const u8 *end = item_value(it) + it->value_bytes;
	struct item *old;
	enum store_result result;

	class_at(it->class)->counters.set_commands++;
	c->item = 0;
	c->mode = MODE_LINE;
	if (end[-2] != '\r' || end[-1] != '\n') {
		item_release(it);
		ANSWER(c, "CLIENT_ERROR bad data chunk");
		return;
	}
	old = item_find(it->key, it->key_length, it->hash);
	result = old ? store_over(c, old, it) : store_first(c, it);
	item_release(it);
	switch (result) {
	case STORED:
		ANSWER(c, "STORED");
		break;
	case NOT_STORED:
		ANSWER(c, "NOT_STORED");
		break;
	case EXISTS:
		ANSWER(c, "EXISTS");
		break;
	default:
		ANSWER(c, "NOT_FOUND");
	}
}
