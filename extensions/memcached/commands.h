/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* From the first word of a line to the command, with the number of words that each command takes. */
#pragma once

#include "changes.h"
#include "retrieval.h"
#include "stats.h"
#include "storage.h"

static __always_inline bool words_are(u32 least, u32 most) { return line.words >= least && line.words <= most; }

static __noinline bool run_storage_command(struct connection *c)
{
	struct text name = word(0);
	u32 extra = 0;
	u32 command;

	if (IS(name, "set"))
		command = STORE_SET;
	else if (IS(name, "add"))
		command = STORE_ADD;
	else if (IS(name, "replace"))
		command = STORE_REPLACE;
	else if (IS(name, "append"))
		command = STORE_APPEND;
	else if (IS(name, "prepend"))
		command = STORE_PREPEND;
	else if (IS(name, "cas"))
		command = STORE_CAS;
	else
		return false;
	extra = command == STORE_CAS;
	if (words_are(5 + extra, 6 + extra))
		begin_storage(c, command);
	else
		ANSWER(c, "ERROR");
	return true;
}

static __always_inline bool run_retrieval_command(struct connection *c)
{
	struct text name = word(0);
	bool get = IS(name, "get") || IS(name, "bget"), gets = IS(name, "gets"), gat = IS(name, "gat"), gats = IS(name, "gats");

	if (!get && !gets && !gat && !gats)
		return false;
	if (line.words >= 2)
		begin_retrieval(c, gets || gats, gat || gats);
	else
		ANSWER(c, "ERROR");
	return true;
}

static __noinline bool run_change_command(struct connection *c)
{
	struct text name = word(0);
	bool up = IS(name, "incr");

	if (IS(name, "delete") && words_are(2, 4))
		run_delete(c);
	else if ((up || IS(name, "decr")) && words_are(3, 4))
		run_arithmetic(c, up);
	else if (IS(name, "touch") && words_are(3, 4))
		run_touch(c);
	else if (IS(name, "flush_all") && words_are(1, 3))
		run_flush_all(c);
	else if (IS(name, "verbosity") && words_are(2, 3))
		run_verbosity(c);
	else
		return false;
	return true;
}

static __always_inline bool starts_with_http(struct text text)
{
	return text.length >= 5 && same_bytes(text.at, (const u8 *)"HTTP/", 5);
}

/* Runs the line that split_line made. False: the connection is to be closed. */
static __noinline bool run_line(struct connection *c)
{
	struct text name = word(0);

	if (!line.words || name.length < 2)
		ANSWER(c, "ERROR");
	else if (run_retrieval_command(c) || run_storage_command(c) || run_change_command(c))
		return true;
	else if (IS(name, "stats"))
		run_stats(c);
	else if (IS(name, "version"))
		ANSWER(c, "VERSION " VERSION_TEXT);
	else if (IS(name, "shutdown"))
		ANSWER(c, "ERROR: shutdown not enabled");
	else if (IS(name, "quit") || starts_with_http(word(line.words - 1)))
		return false;
	else
		ANSWER(c, "ERROR");
	return true;
}
