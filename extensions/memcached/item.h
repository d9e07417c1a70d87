/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* One stored value with its key. What an item counts for (against the size limit, in `bytes`, for its slab class) is fixed by the protocol's reference:
 * a header of 48 bytes, 8 for the unique number, the key and one byte, 4 for flags unless they are 0, the value and its line end. */
#pragma once

#include "text.h"
#include "transaction.h"

#define ITEM_COUNTED_HEADER 48
#define MAX_KEY_BYTES 250
#define MAX_ITEM_BYTES (1u << 20)

enum item_state {
	ITEM_LINKED = 1,    /* in the table and in its class's list */
	ITEM_FETCHED = 2,   /* was asked for at least once */
};

struct item {
	struct item *newer, *older;  /* list of the class, most recent first; `newer` links free chunks */
	struct item *chain;          /* same bucket */
	u32 time;                    /* seconds; when it was stored, or last moved to the front */
	u32 expiry;                  /* seconds; 0: never */
	u32 value_bytes;             /* line end included */
	u16 references;              /* one from the table, one from each connection that reads or writes the value */
	u8 state;
	u8 class;
	u8 key_length;
	bool flagged;                /* client flags are stored after the key */
	u32 hash;
	u64 unique;
	u8 key[];                    /* then flags, then the value */
};
_Static_assert(sizeof(struct item) <= ITEM_COUNTED_HEADER + 8, "an item must fit what it counts for");

static __always_inline u32 counted_bytes(u32 key_length, u32 flags, u32 value_bytes)
{
	return ITEM_COUNTED_HEADER + 8 + key_length + 1 + (flags ? 4 : 0) + value_bytes;
}

static __always_inline u32 item_bytes(const struct item *it)
{
	return counted_bytes(it->key_length, it->flagged, it->value_bytes);
}

static __always_inline u8 *item_value(struct item *it)
{
	return it->key + it->key_length + (it->flagged ? 4 : 0);
}

static __always_inline u32 item_flags(const struct item *it)
{
	const u8 *p = it->key + it->key_length;

	if (!it->flagged)
		return 0;
	return p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

static __always_inline void set_item_flags(struct item *it, u32 flags)
{
	u8 *p = it->key + it->key_length;

	it->flagged = flags;
	if (!flags)
		return;
	p[0] = flags;
	p[1] = flags >> 8;
	p[2] = flags >> 16;
	p[3] = flags >> 24;
}
