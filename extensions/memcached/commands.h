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
	bool up = IS(name, "incr"), down = IS(name, "decr"), delete = IS(name, "delete"), touch = IS(name, "touch");
	bool flush_all = IS(name, "flush_all"), verbosity = IS(name, "verbosity");

	if (delete && words_are(2, 4))
		run_delete(c);
	else if ((up || down) && words_are(3, 4))
		run_arithmetic(c, up);
	else if (touch && words_are(3, 4))
		run_touch(c);
	else if (flush_all && words_are(1, 3))
		run_flush_all(c);
	else if (verbosity && words_are(2, 3))
		run_verbosity(c);
	else if (up || down || delete || touch || flush_all || verbosity)
		ANSWER(c, "ERROR");
	else
		return false;
	return true;
}

/* Somebody speaks HTTP to us: better no answer at all. Only words that could not begin a command of the protocol are looked at so closely. */
static __noinline bool is_http(struct text name)
{
	struct text last = word(line.words - 1);
	const u8 *initials = (const u8 *)"gsacidt";

	if (last.length < 5 || !same_bytes(last.at, (const u8 *)"HTTP/", 5))
		return false;
	for (u32 i = 0; i < 7; i++)
		if (*name.at == initials[i])
			return false;
	if (*name.at == 'm' && name.length == 2)
		return false;
	return !IS(name, "lru") && !IS(name, "lru_crawler") && !IS(name, "watch") && !IS(name, "extstore") && !IS(name, "refresh_certs");
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
	else if (IS(name, "quit") || is_http(name))
		return false;
	else
		ANSWER(c, "ERROR");
	return true;
}
