/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* delete, touch, incr, decr, flush_all, verbosity. */
#pragma once

#include "line.h"

static __always_inline struct item *find_word(struct text key) { return item_find(key.at, key.length, hash_of(key.at, key.length)); }

static __noinline void run_delete(struct connection *c)
{
	struct text key = word(1);
	struct item *it;

	if (line.words > 2) {
		bool zero = IS(word(2), "0");
		bool quiet = wants_quiet(c);

		if (!(line.words == 3 && (zero || quiet)) && !(line.words == 4 && zero && quiet)) {
			ANSWER(c, BAD_FORMAT ".  Usage: delete <key> [noreply]");
			return;
		}
	}
	if (key.length > MAX_KEY_BYTES) {
		ANSWER(c, BAD_FORMAT);
		return;
	}
	it = find_word(key);
	if (!it) {
		counters.delete_misses++;
		ANSWER(c, "NOT_FOUND");
		return;
	}
	class_at(it->class)->counters.delete_hits++;
	item_unlink(it);
	ANSWER(c, "DELETED");
}

static __noinline void run_touch(struct connection *c)
{
	struct text key = word(1);
	struct item *it;
	s32 expiry;

	wants_quiet(c);
	if (key.length > MAX_KEY_BYTES) {
		ANSWER(c, BAD_FORMAT);
		return;
	}
	if (!read_s32(word(2), &expiry)) {
		ANSWER(c, "CLIENT_ERROR invalid exptime argument");
		return;
	}
	it = item_fetch(key.at, key.length, hash_of(key.at, key.length));
	counters.touch_commands++;
	if (!it) {
		counters.touch_misses++;
		ANSWER(c, "NOT_FOUND");
		return;
	}
	it->expiry = expiry_from(expiry);
	class_at(it->class)->counters.touch_hits++;
	ANSWER(c, "TOUCHED");
}

/* In place when the number does not outgrow the value and nobody is being sent it; the rest is filled with spaces. */
static __always_inline bool store_number(struct item *it, const u8 *digits, u32 length)
{
	struct item_wish wish = {
		.key = it->key, .key_length = it->key_length, .hash = it->hash,
		.flags = item_flags(it), .expiry = it->expiry, .value_bytes = length + 2,
	};
	struct item *next;

	if (length + 2 <= it->value_bytes && it->references == 1) {
		it->unique = next_unique();
		tn_copy(item_value(it), digits, length);
		tn_fill(item_value(it) + length, ' ', it->value_bytes - length - 2);
		item_bump(it);
		return true;
	}
	next = item_new_beside(it, &wish);
	if (!next)
		return false;
	tn_copy(item_value(next), digits, length);
	item_value(next)[length] = '\r';
	item_value(next)[length + 1] = '\n';
	item_replace(it, next);
	item_release(next);
	return true;
}

static __always_inline bool read_counter(struct item *it, u64 *value)
{
	return it->value_bytes > 2 && read_u64((struct text){item_value(it), it->value_bytes - 1}, value);
}

static __noinline void add_to_counter(struct connection *c, struct item *it, u64 delta, bool up)
{
	static u8 digits[MAX_DIGITS];
	u64 value;
	u32 length;

	if (!read_counter(it, &value)) {
		ANSWER(c, "CLIENT_ERROR cannot increment or decrement non-numeric value");
		return;
	}
	if (up)
		value += delta;
	else
		value = delta > value ? 0 : value - delta;
	if (up)
		class_at(it->class)->counters.incr_hits++;
	else
		class_at(it->class)->counters.decr_hits++;
	length = write_decimal(digits, value);
	if (!store_number(it, digits, length)) {
		ANSWER(c, "SERVER_ERROR out of memory");
		return;
	}
	if (!c->quiet) {
		reply_bytes(digits, length);
		REPLY("\r\n");
	}
	c->quiet = false;
}

static __noinline void run_arithmetic(struct connection *c, bool up)
{
	struct text key = word(1);
	struct item *it;
	u64 delta;

	wants_quiet(c);
	if (key.length > MAX_KEY_BYTES) {
		ANSWER(c, BAD_FORMAT);
		return;
	}
	if (!read_u64(word(2), &delta)) {
		ANSWER(c, "CLIENT_ERROR invalid numeric delta argument");
		return;
	}
	it = find_word(key);
	if (it) {
		add_to_counter(c, it, delta, up);
		return;
	}
	if (up)
		counters.incr_misses++;
	else
		counters.decr_misses++;
	ANSWER(c, "NOT_FOUND");
}

static __noinline void run_flush_all(struct connection *c)
{
	s32 delay = 0;

	wants_quiet(c);
	counters.flush_commands++;
	if (line.words != (c->quiet ? 2 : 1) && !read_s32(word(1), &delay)) {
		ANSWER(c, "CLIENT_ERROR invalid exptime argument");
		return;
	}
	cache.flushed_until = (delay > 0 ? expiry_from(delay) : clock.now) - 1;
	if (cache.flushed_until <= clock.now)
		cache.flushed_unique = next_unique();
	ANSWER(c, "OK");
}

/* There is nothing here to be verbose about; the command is answered as ever. */
static __noinline void run_verbosity(struct connection *c)
{
	u32 level;

	wants_quiet(c);
	if (read_u32(word(1), &level))
		ANSWER(c, "OK");
	else
		ANSWER(c, BAD_FORMAT);
}
