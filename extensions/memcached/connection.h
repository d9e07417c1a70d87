/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* What is remembered of a peer between two calls: only what is half done. */
#pragma once

#include "cache.h"

enum mode {
	MODE_LINE = 0,   /* a command line comes next; all zero is a fresh connection */
	MODE_VALUE,      /* the value of a storage command is being read into `item` */
	MODE_SWALLOW,    /* bytes that belong to a refused storage command are being skipped */
	MODE_KEYS,       /* a retrieval is being answered; its line stays in the input until it is done */
};

enum storage_command { STORE_SET, STORE_ADD, STORE_REPLACE, STORE_APPEND, STORE_PREPEND, STORE_CAS };

struct connection {
	u8 mode;
	u8 command;          /* enum storage_command */
	bool quiet;          /* "noreply" */
	bool no_memory;      /* MODE_SWALLOW: why; else the item is too large */
	bool with_unique;    /* gets, gats */
	bool touching;       /* gat, gats */
	u32 expiry;          /* for gat, gats */
	u32 cursor;          /* MODE_KEYS: how much of the line is done */
	u32 progress;        /* MODE_VALUE, MODE_KEYS: bytes of the value read or sent */
	u64 skip;            /* MODE_SWALLOW: bytes still to come */
	u64 wanted_unique;   /* cas */
	struct item *item;   /* referenced */
};

#define BLOCK_CONNECTIONS 256
#define MAX_BLOCKS 1024

static struct connection *connection_blocks[MAX_BLOCKS];

static __noinline bool add_block(u32 block)
{
	connection_blocks[block] = (struct connection *)tn_grow(sizeof(struct connection) * BLOCK_CONNECTIONS);
	return connection_blocks[block];
}

/* Null when there is no memory for more connections. */
static __always_inline struct connection *connection_of(u64 number)
{
	u64 block = number / BLOCK_CONNECTIONS;

	if (block >= MAX_BLOCKS || (!connection_blocks[block] && !add_block(block)))
		return 0;
	return &connection_blocks[block][number % BLOCK_CONNECTIONS];
}

static __always_inline void forget(struct connection *c)
{
	if (c->item)
		item_release(c->item);
	c->item = 0;
	c->mode = MODE_LINE;
	c->quiet = false;
}
