/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* From the first word of a line to the command, with the number of words that each command takes. */
#pragma once

#include "changes.h"
#include "retrieval.h"
#include "stats.h"
#include "storage.h"

static __always_inline bool words_are(const struct worker *w, u32 least, u32 most) { return w->line.words >= least && w->line.words <= most; }

static __noinline bool run_storage_command(struct worker *w)
{
	struct text name = word(w, 0);
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
	if (words_are(w, 5 + extra, 6 + extra))
		begin_storage(w, command);
	else
		ANSWER(w, "ERROR");
	return true;
}

static __always_inline bool run_retrieval_command(struct worker *w)
{
	struct text name = word(w, 0);
	bool get = IS(name, "get") || IS(name, "bget"), gets = IS(name, "gets"), gat = IS(name, "gat"), gats = IS(name, "gats");

	if (!get && !gets && !gat && !gats)
		return false;
	if (w->line.words >= 2)
		begin_retrieval(w, gets || gats, gat || gats);
	else
		ANSWER(w, "ERROR");
	return true;
}

static __noinline bool run_change_command(struct worker *w)
{
	struct text name = word(w, 0);
	bool up = IS(name, "incr"), down = IS(name, "decr"), delete = IS(name, "delete"), touch = IS(name, "touch");
	bool flush_all = IS(name, "flush_all"), verbosity = IS(name, "verbosity");

	if (delete && words_are(w, 2, 4))
		run_delete(w);
	else if ((up || down) && words_are(w, 3, 4))
		run_arithmetic(w, up);
	else if (touch && words_are(w, 3, 4))
		run_touch(w);
	else if (flush_all && words_are(w, 1, 3))
		run_flush_all(w);
	else if (verbosity && words_are(w, 2, 3))
		run_verbosity(w);
	else if (up || down || delete || touch || flush_all || verbosity)
		ANSWER(w, "ERROR");
	else
		return false;
	return true;
}

/* Somebody speaks HTTP to us: better no answer at all. Only words that could not begin a command of the protocol are looked at so closely. */
static __noinline bool is_http(const struct worker *w, struct text name)
{
	struct text last = word(w, w->line.words - 1);
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
static __noinline bool run_line(struct worker *w)
{
	struct text name = word(w, 0);

	if (!w->line.words || name.length < 2)
		ANSWER(w, "ERROR");
	else if (run_retrieval_command(w) || run_storage_command(w) || run_change_command(w))
		return true;
	else if (IS(name, "stats"))
		run_stats(w);
	else if (IS(name, "version"))
		ANSWER(w, "VERSION " VERSION_TEXT);
	else if (IS(name, "shutdown"))
		ANSWER(w, "ERROR: shutdown not enabled");
	else if (IS(name, "quit") || is_http(w, name))
		return false;
	else
		ANSWER(w, "ERROR");
	return true;
}
