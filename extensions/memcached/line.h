/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* A command line, copied from the host's input, and its words. A line ends at the line end or at the first zero byte. */
#pragma once

#include "reply.h"

static __always_inline u32 skip_spaces(const struct worker *w, u32 at)
{
	while (w->line.bytes[at] == ' ')
		at++;
	return at;
}

static __always_inline u32 skip_word(const struct worker *w, u32 at)
{
	while (w->line.bytes[at] && w->line.bytes[at] != ' ')
		at++;
	return at;
}

/* The word at or after `at`; its length is 0 at the end of the line. */
static __always_inline struct text word_at(const struct worker *w, u32 at)
{
	u32 begin = skip_spaces(w, at);

	return (struct text){w->line.bytes + begin, skip_word(w, begin) - begin};
}

/* `length`: up to the line feed, without it. `is_rest`: the line's beginning is dealt with. */
static __noinline void split_line(struct worker *w, u32 length, bool is_rest)
{
	u32 at = 0;

	if (length > !is_rest && w->line.bytes[length - 1] == '\r')
		length--;
	w->line.bytes[length] = 0;
	w->line.length = length;
	w->line.words = 0;
	while (w->line.words < MAX_WORDS) {
		struct text word = word_at(w, at);

		if (!word.length)
			break;
		w->line.word[w->line.words++] = word;
		at = word.at - w->line.bytes + word.length;
	}
}

/* Words are ended by a space or zero, which is all that numbers need; whole-word comparison uses lengths. */
static __always_inline struct text word(const struct worker *w, u32 i) { return w->line.word[i]; }

static __always_inline bool wants_quiet(struct worker *w)
{
	struct connection *c = w->peer;

	if (IS(word(w, w->line.words - 1), "noreply"))
		c->quiet = true;
	return c->quiet;
}
