/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* A command line, copied from the host's input, and its words. A line ends at the line end or at the first zero byte. */
#pragma once

#include "reply.h"

/* Only retrievals may have lines that are longer than the second number; both are in bytes, line end included. */
#define MAX_LINE_BYTES (1u << 20)
#define MAX_SHORT_LINE_BYTES 2048
#define MAX_WORDS 23

static struct {
	u32 length;                   /* without line end */
	u32 words;
	struct text word[MAX_WORDS];
	u8 bytes[MAX_LINE_BYTES + 8];
} line;

static __always_inline u32 skip_spaces(u32 at)
{
	while (line.bytes[at] == ' ')
		at++;
	return at;
}

static __always_inline u32 skip_word(u32 at)
{
	while (line.bytes[at] && line.bytes[at] != ' ')
		at++;
	return at;
}

/* The word at or after `at`; its length is 0 at the end of the line. */
static __always_inline struct text word_at(u32 at)
{
	u32 begin = skip_spaces(at);

	return (struct text){line.bytes + begin, skip_word(begin) - begin};
}

/* `length`: up to the line feed, without it. `is_rest`: the line's beginning is dealt with. */
static __noinline void split_line(u32 length, bool is_rest)
{
	u32 at = 0;

	if (length > !is_rest && line.bytes[length - 1] == '\r')
		length--;
	line.bytes[length] = 0;
	line.length = length;
	line.words = 0;
	while (line.words < MAX_WORDS) {
		struct text word = word_at(at);

		if (!word.length)
			break;
		line.word[line.words++] = word;
		at = word.at - line.bytes + word.length;
	}
}

/* Words are ended by a space or zero, which is all that numbers need; whole-word comparison uses lengths. */
static __always_inline struct text word(u32 i) { return line.word[i]; }

static __always_inline bool wants_quiet(struct connection *c)
{
	if (IS(word(line.words - 1), "noreply"))
		c->quiet = true;
	return c->quiet;
}
