/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* get, gets, gat, gats: answered key by key, because the reply may be larger than the output and the keys more than one call has time for. What is left of the line
 * stays in the input meanwhile. */
#pragma once

#include "line.h"

#define KEYS_PER_CALL 1024
/* A value of at most so many bytes is copied while the lock is held, which costs less than taking the lock again to give a reference back. */
#define MOST_COPIED_BYTES 2048

static __always_inline void count_get(struct worker *w, const struct item *it)
{
	w->counters.get_commands++;
	if (it)
		counters_of(w, it)->get_hits++;
	else
		w->counters.get_misses++;
}

static __always_inline void count_touch(struct worker *w, const struct item *it)
{
	w->counters.touch_commands++;
	if (it)
		counters_of(w, it)->touch_hits++;
	else
		w->counters.touch_misses++;
}

/* Under the lock. */
static __always_inline struct item *look_up(struct worker *w, struct text key, u32 hash)
{
	struct connection *c = w->peer;
	struct item *it = item_fetch(w, key.at, key.length, hash);

	if (!c->touching) {
		count_get(w, it);
		return it;
	}
	count_touch(w, it);
	if (it)
		SET(it->expiry, c->expiry);
	return it;
}

/* A key that is too long spoils the whole retrieval, but the keys before it were looked up. */
static __noinline bool has_long_key(struct worker *w)
{
	for (u32 at = w->peer->cursor;;) {
		struct text key = word_at(w, at);

		if (!key.length)
			return false;
		if (key.length > MAX_KEY_BYTES)
			return true;
		at = key.at - w->line.bytes + key.length;
	}
}

static __noinline void look_up_until_long_key(struct worker *w)
{
	struct connection *c = w->peer;

	for (;;) {
		struct text key = word_at(w, c->cursor);

		if (key.length > MAX_KEY_BYTES)
			return;
		lock_cache();
		look_up(w, key, hash_of(key.at, key.length));
		unlock_cache();
		c->cursor = key.at - w->line.bytes + key.length;
	}
}

static __noinline void begin_retrieval(struct worker *w, bool with_unique, bool touching)
{
	struct connection *c = w->peer;
	struct text last = word(w, touching ? 1 : 0);

	c->with_unique = with_unique;
	c->touching = touching;
	if (touching) {
		s32 expiry;

		if (!read_s32(last, &expiry)) {
			ANSWER(w, "CLIENT_ERROR invalid exptime argument");
			return;
		}
		c->expiry = expiry_from(expiry);
	}
	c->cursor = last.at - w->line.bytes + last.length;
	if (w->line.length > MAX_KEY_BYTES && has_long_key(w)) {
		look_up_until_long_key(w);
		ANSWER(w, BAD_FORMAT);
		return;
	}
	c->mode = MODE_KEYS;
}

static __always_inline void write_header(struct worker *w, const struct item *it)
{
	REPLY(w, "VALUE ");
	reply_bytes(w, it->key, it->key_length);
	reply_byte(w, ' ');
	reply_decimal(w, item_flags(it));
	reply_byte(w, ' ');
	reply_decimal(w, it->value_bytes - 2);
	if (w->peer->with_unique) {
		reply_byte(w, ' ');
		reply_decimal(w, it->unique);
	}
	REPLY(w, "\r\n");
}

static __always_inline bool is_copied(const struct item *it, u64 room) { return it->value_bytes <= MOST_COPIED_BYTES && it->value_bytes <= room; }

static __always_inline void copy_value(struct worker *w, struct item *it)
{
	tn_copy(w->reply.text + w->reply.length, item_value(it), it->value_bytes);
	w->reply.length += it->value_bytes;
}

/* Copies the value, or references the item so that it can be sent piece by piece. */
static __always_inline void take_value(struct worker *w, struct item *it, u64 room)
{
	struct connection *c = w->peer;

	if (is_copied(it, room)) {
		copy_value(w, it);
		return;
	}
	item_reference(it);
	SET(c->item, it);
	c->progress = 0;
}

enum look { HIT, MISS, UNANSWERED };

/* Nearly every retrieval changes nothing, and all of those may be under way at once. UNANSWERED: this one has to. */
static __always_inline enum look answer_by_looking(struct worker *w, struct text key, u32 hash, u64 room)
{
	enum look result = UNANSWERED;
	struct item *it;

	if (w->peer->touching)
		return UNANSWERED;
	lock_cache_shared();
	it = table_find(key.at, key.length, hash);
	if (!it) {
		result = MISS;
	} else if (it->state & ITEM_FETCHED && !wants_bump(it) && !is_expired(it) && !is_flushed(it) && is_copied(it, room)) {
		write_header(w, it);
		copy_value(w, it);
		result = HIT;
	}
	if (result != UNANSWERED)
		count_get(w, it);
	unlock_cache_shared();
	return result;
}

static __always_inline bool answer_key(struct worker *w, struct text key, u64 room)
{
	u32 hash = hash_of(key.at, key.length);
	enum look look = answer_by_looking(w, key, hash, room);
	struct item *it;

	if (look != UNANSWERED)
		return look == HIT;
	lock_cache();
	it = look_up(w, key, hash);
	if (it) {
		write_header(w, it);
		take_value(w, it, room);
	}
	unlock_cache();
	return it;
}

/* Goes on to the next key that is found, if there is time: writes its header and, when it has at most `room` bytes, its value. At the end of the line: writes the end. */
static __noinline void next_value(struct worker *w, u64 room)
{
	struct connection *c = w->peer;

	for (;; w->keys_left--) {
		struct text key = word_at(w, c->cursor);

		if (!key.length)
			break;
		if (!w->keys_left)
			return;
		c->cursor = key.at - w->line.bytes + key.length;
		if (answer_key(w, key, room))
			return;
	}
	c->mode = MODE_LINE;
	REPLY(w, "END\r\n");
}
