/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* What is remembered of a peer between two calls: only what is half done. Belongs to the call that is for this peer, or to nobody; but `item` goes with its reference and is
 * changed under the lock. */
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

static __noinline struct connection *add_block(u64 block)
{
	struct connection *there;

	lock_cache();
	there = connection_blocks[block];
	if (!there) {
		there = (struct connection *)tn_grow(sizeof(struct connection) * BLOCK_CONNECTIONS);
		tn_store_release(&connection_blocks[block], there);
	}
	unlock_cache();
	return there;
}

/* Null when there is no memory for more connections. */
static __always_inline struct connection *connection_of(u64 number)
{
	u64 block = number / BLOCK_CONNECTIONS;
	struct connection *there;

	if (block >= MAX_BLOCKS)
		return 0;
	there = tn_load_acquire(&connection_blocks[block]);
	if (!there)
		there = add_block(block);
	return there ? &there[number % BLOCK_CONNECTIONS] : 0;
}

/* Looks only once it has the lock: what the connection's last call changed may have to be taken back first. */
static __always_inline void forget(struct connection *c)
{
	lock_cache();
	if (c->item) {
		item_release(c->item);
		SET(c->item, 0);
	}
	unlock_cache();
	c->mode = MODE_LINE;
	c->quiet = false;
}
