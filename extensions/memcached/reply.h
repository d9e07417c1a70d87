/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* The text of one reply, before it goes to the host's output. Values are not copied here: they go from the item straight to the output. */
#pragma once

#include "connection.h"

/* The longest reply is that of `stats slabs`: 63 classes of 15 lines of at most 48 bytes. */
#define REPLY_BYTES (64u << 10)
/* Every reply but that of `stats` fits in this much. */
#define SHORT_REPLY_BYTES 512

static struct {
	u32 length;
	u8 text[REPLY_BYTES];
} reply;

static __always_inline void reply_bytes(const u8 *from, u32 length)
{
	u8 *to = reply.text + reply.length;

	for (u32 i = 0; i < length; i++)
		to[i] = from[i];
	reply.length += length;
}

static __always_inline void reply_decimal(u64 value) { reply.length += write_decimal(reply.text + reply.length, value); }

static __noinline void reply_literal(const u8 *from, u32 length) { reply_bytes(from, length); }

#define REPLY(literal_) reply_literal((const u8 *)(literal_), sizeof(literal_) - 1)

/* The answer to one command, unless the client wants none; the line end is added. */
#define ANSWER(c_, literal_) \
	do { \
		if (!(c_)->quiet) \
			REPLY(literal_ "\r\n"); \
		(c_)->quiet = false; \
	} while (0)

#define BAD_FORMAT "CLIENT_ERROR bad command line format"
