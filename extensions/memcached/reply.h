/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* The text of one reply, before it goes to the host's output. Large values are not copied here: they go from the item straight to the output. */
#pragma once

#include "connection.h"

/* Every reply but that of `stats` fits in this much. */
#define SHORT_REPLY_BYTES 512

static __always_inline void reply_bytes(struct worker *w, const u8 *from, u32 length)
{
	u8 *to = w->reply.text + w->reply.length;

	for (u32 i = 0; i < length; i++)
		to[i] = from[i];
	w->reply.length += length;
}

static __always_inline void reply_byte(struct worker *w, u8 byte) { w->reply.text[w->reply.length++] = byte; }

static __always_inline void reply_decimal(struct worker *w, u64 value)
{
	w->reply.length += write_decimal(w->reply.text + w->reply.length, value);
}

static __noinline void reply_literal(struct worker *w, const u8 *from, u32 length) { reply_bytes(w, from, length); }

#define REPLY(w_, literal_) reply_literal(w_, (const u8 *)(literal_), sizeof(literal_) - 1)

static __noinline void answer(struct worker *w, const u8 *from, u32 length)
{
	if (!w->peer->quiet)
		reply_bytes(w, from, length);
	w->peer->quiet = false;
}

/* The answer to one command, unless the client wants none; the line end is added. */
#define ANSWER(w_, literal_) answer(w_, (const u8 *)(literal_ "\r\n"), sizeof(literal_) + 1)

#define BAD_FORMAT "CLIENT_ERROR bad command line format"
