/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* delete, touch, incr, decr, flush_all, verbosity. */
#pragma once

#include "line.h"

static __noinline void run_delete(struct worker *w)
{
	struct text key = word(w, 1);
	struct item *it;
	u32 hash;

	if (w->line.words > 2) {
		bool zero = IS(word(w, 2), "0");
		bool quiet = wants_quiet(w);

		if (!(w->line.words == 3 && (zero || quiet)) && !(w->line.words == 4 && zero && quiet)) {
			ANSWER(w, BAD_FORMAT ".  Usage: delete <key> [noreply]");
			return;
		}
	}
	if (key.length > MAX_KEY_BYTES) {
		ANSWER(w, BAD_FORMAT);
		return;
	}
	hash = hash_of(key.at, key.length);
	lock_cache();
	it = item_find(w, key.at, key.length, hash);
	if (it) {
		counters_of(w, it)->delete_hits++;
		item_unlink(it);
	}
	unlock_cache();
	if (it) {
		ANSWER(w, "DELETED");
		return;
	}
	w->counters.delete_misses++;
	ANSWER(w, "NOT_FOUND");
}

static __noinline void run_touch(struct worker *w)
{
	struct text key = word(w, 1);
	struct item *it;
	s32 expiry;
	u32 hash;

	wants_quiet(w);
	if (key.length > MAX_KEY_BYTES) {
		ANSWER(w, BAD_FORMAT);
		return;
	}
	if (!read_s32(word(w, 2), &expiry)) {
		ANSWER(w, "CLIENT_ERROR invalid exptime argument");
		return;
	}
	hash = hash_of(key.at, key.length);
	lock_cache();
	it = item_fetch(w, key.at, key.length, hash);
	if (it) {
		SET(it->expiry, expiry_from(expiry));
		counters_of(w, it)->touch_hits++;
	}
	unlock_cache();
	w->counters.touch_commands++;
	if (it) {
		ANSWER(w, "TOUCHED");
		return;
	}
	w->counters.touch_misses++;
	ANSWER(w, "NOT_FOUND");
}

/* Where the old number may be: what is behind it is blank, or not part of it. */
#define NUMBER_BYTES (MAX_DIGITS + 4)

/* Only the words that can hold the old number have to be restored when this is stopped half way: blanks behind it change no number. */
static __always_inline void store_in_place(struct item *it, const u8 *digits, u32 length)
{
	u8 *value = item_value(it);
	u32 rest = it->value_bytes - length - 2;

	new_unique(it);
	note_bytes(value, it->value_bytes < NUMBER_BYTES ? it->value_bytes : NUMBER_BYTES);
	tn_copy(value, digits, length);
	tn_fill(value + length, ' ', rest);
	item_bump(it);
}

/* In place when the number does not outgrow the value and nobody is being sent it; the rest is filled with spaces. */
static __always_inline bool store_number(struct worker *w, struct item *it, const u8 *digits, u32 length)
{
	struct item_wish wish = {
		.key = it->key, .key_length = it->key_length, .hash = it->hash,
		.flags = item_flags(it), .expiry = it->expiry, .value_bytes = length + 2, .busy = it,
	};
	struct item *next;

	if (length + 2 <= it->value_bytes && it->references == 1) {
		store_in_place(it, digits, length);
		return true;
	}
	next = item_new(w, &wish);
	if (!next)
		return false;
	tn_copy(item_value(next), digits, length);
	item_value(next)[length] = '\r';
	item_value(next)[length + 1] = '\n';
	item_replace(it, next);
	w->counters.total_items++;
	item_release(next);
	return true;
}

static __always_inline bool read_counter(struct item *it, u64 *value)
{
	return it->value_bytes > 2 && read_u64((struct text){item_value(it), it->value_bytes - 1}, value);
}

enum count_result { COUNTED, NO_NUMBER, NO_MEMORY, NO_ITEM };

/* Under the lock. The new number is in w->digits, `*length` long. */
static __noinline enum count_result add_to_counter(struct worker *w, struct item *it, u64 delta, bool up, u32 *length)
{
	u64 value;

	if (!read_counter(it, &value))
		return NO_NUMBER;
	if (up)
		value += delta;
	else
		value = delta > value ? 0 : value - delta;
	if (up)
		counters_of(w, it)->incr_hits++;
	else
		counters_of(w, it)->decr_hits++;
	*length = write_decimal(w->digits, value);
	return store_number(w, it, w->digits, *length) ? COUNTED : NO_MEMORY;
}

static __always_inline enum count_result count(struct worker *w, struct text key, u64 delta, bool up, u32 *length)
{
	u32 hash = hash_of(key.at, key.length);
	enum count_result result;
	struct item *it;

	lock_cache();
	it = item_find(w, key.at, key.length, hash);
	result = it ? add_to_counter(w, it, delta, up, length) : NO_ITEM;
	unlock_cache();
	return result;
}

static __noinline void answer_count(struct worker *w, enum count_result result, u32 length)
{
	switch (result) {
	case NO_NUMBER:
		ANSWER(w, "CLIENT_ERROR cannot increment or decrement non-numeric value");
		return;
	case NO_MEMORY:
		ANSWER(w, "SERVER_ERROR out of memory");
		return;
	case NO_ITEM:
		ANSWER(w, "NOT_FOUND");
		return;
	case COUNTED:
		if (!w->peer->quiet) {
			reply_bytes(w, w->digits, length);
			REPLY(w, "\r\n");
		}
		w->peer->quiet = false;
	}
}

static __noinline void run_arithmetic(struct worker *w, bool up)
{
	struct text key = word(w, 1);
	enum count_result result;
	u32 length = 0;
	u64 delta;

	wants_quiet(w);
	if (key.length > MAX_KEY_BYTES) {
		ANSWER(w, BAD_FORMAT);
		return;
	}
	if (!read_u64(word(w, 2), &delta)) {
		ANSWER(w, "CLIENT_ERROR invalid numeric delta argument");
		return;
	}
	result = count(w, key, delta, up, &length);
	if (result == NO_ITEM && up)
		w->counters.incr_misses++;
	else if (result == NO_ITEM)
		w->counters.decr_misses++;
	answer_count(w, result, length);
}

static __noinline void run_flush_all(struct worker *w)
{
	s32 delay = 0;

	wants_quiet(w);
	w->counters.flush_commands++;
	if (w->line.words != (w->peer->quiet ? 2 : 1) && !read_s32(word(w, 1), &delay)) {
		ANSWER(w, "CLIENT_ERROR invalid exptime argument");
		return;
	}
	lock_cache();
	SET(cache.flushed_until, (delay > 0 ? expiry_from(delay) : now()) - 1);
	if (cache.flushed_until <= now()) {
		SET(cache.last_unique, cache.last_unique + 1);
		SET(cache.flushed_unique, cache.last_unique);
	}
	unlock_cache();
	ANSWER(w, "OK");
}

/* There is nothing here to be verbose about; the command is answered as ever. */
static __noinline void run_verbosity(struct worker *w)
{
	u32 level;

	wants_quiet(w);
	if (read_u32(word(w, 1), &level))
		ANSWER(w, "OK");
	else
		ANSWER(w, BAD_FORMAT);
}
