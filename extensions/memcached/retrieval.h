/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* get, gets, gat, gats: answered key by key, because the reply may be larger than the output and the keys more than one call has time for. What is left of the line
 * stays in the input meanwhile. */
#pragma once

#include "line.h"

#define KEYS_PER_CALL 1024

static u32 keys_left;  /* of this call */

static __always_inline struct item *look_up(struct connection *c, struct text key)
{
	struct item *it = item_fetch(key.at, key.length, hash_of(key.at, key.length));

	if (c->touching)
		counters.touch_commands++;
	else
		counters.get_commands++;
	if (!it) {
		if (c->touching)
			counters.touch_misses++;
		else
			counters.get_misses++;
		return 0;
	}
	if (c->touching) {
		it->expiry = c->expiry;
		class_at(it->class)->counters.touch_hits++;
	} else {
		class_at(it->class)->counters.get_hits++;
	}
	return it;
}

/* A key that is too long spoils the whole retrieval, but the keys before it were looked up. */
static __noinline bool has_long_key(struct connection *c)
{
	for (u32 at = c->cursor;;) {
		struct text key = word_at(at);

		if (!key.length)
			return false;
		if (key.length > MAX_KEY_BYTES)
			return true;
		at = key.at - line.bytes + key.length;
	}
}

static __noinline void look_up_until_long_key(struct connection *c)
{
	for (;;) {
		struct text key = word_at(c->cursor);

		if (key.length > MAX_KEY_BYTES)
			return;
		look_up(c, key);
		c->cursor = key.at - line.bytes + key.length;
	}
}

static __noinline void begin_retrieval(struct connection *c, bool with_unique, bool touching)
{
	struct text last = word(touching ? 1 : 0);

	c->with_unique = with_unique;
	c->touching = touching;
	if (touching) {
		s32 expiry;

		if (!read_s32(last, &expiry)) {
			ANSWER(c, "CLIENT_ERROR invalid exptime argument");
			return;
		}
		c->expiry = expiry_from(expiry);
	}
	c->cursor = last.at - line.bytes + last.length;
	if (line.length > MAX_KEY_BYTES && has_long_key(c)) {
		look_up_until_long_key(c);
		ANSWER(c, BAD_FORMAT);
		return;
	}
	c->mode = MODE_KEYS;
}

/* Goes on to the next key that is found, if there is time: writes its header and references its item. At the end of the line: writes the end. */
static __noinline void next_value(struct connection *c)
{
	for (;; keys_left--) {
		struct text key = word_at(c->cursor);
		struct item *it;

		if (!key.length)
			break;
		if (!keys_left)
			return;
		c->cursor = key.at - line.bytes + key.length;
		it = look_up(c, key);
		if (!it)
			continue;
		it->references++;
		c->item = it;
		c->progress = 0;
		REPLY("VALUE ");
		reply_bytes(it->key, it->key_length);
		reply.text[reply.length++] = ' ';
		reply_decimal(item_flags(it));
		reply.text[reply.length++] = ' ';
		reply_decimal(it->value_bytes - 2);
		if (c->with_unique) {
			reply.text[reply.length++] = ' ';
			reply_decimal(it->unique);
		}
		REPLY("\r\n");
		return;
	}
	c->mode = MODE_LINE;
	REPLY("END\r\n");
}
