/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* What one of the host's threads works with. It runs one call at a time and nobody else writes here, so nothing of it needs a lock; but for the counters, each call
 * starts afresh. */
#pragma once

#include "counters.h"
#include "text.h"

#define MAX_WORKERS 64  /* as in kv.tni */

/* Only retrievals may have lines that are longer than the second number; both are in bytes, line end included. */
#define MAX_LINE_BYTES (1u << 20)
#define MAX_SHORT_LINE_BYTES 2048
#define MAX_WORDS 23

struct line {
	u32 length;                   /* without line end */
	u32 words;
	struct text word[MAX_WORDS];
	u8 bytes[MAX_LINE_BYTES + 8];
};

/* The longest reply is that of `stats slabs`: 63 classes of 15 lines of at most 48 bytes. */
#define REPLY_BYTES (64u << 10)

struct reply {
	u32 length;
	u8 text[REPLY_BYTES];
};

struct worker {
	struct connection *peer;      /* whom the call is for */
	u32 keys_left;                /* of this call */
	u8 digits[MAX_DIGITS];
	struct counters counters;
	struct counters sums;         /* over all workers: for `stats` */
	struct line line;
	struct reply reply;
};

static struct {
	struct worker *at[MAX_WORKERS];
	u32 count;
} workers;

/* As many as the host has threads; false: there is no memory for them. */
static __always_inline bool start_workers(void)
{
	u64 count = kv_fact(KV_THREADS);

	for (u32 i = 0; i < MAX_WORKERS && i < count; i++) {
		workers.at[i] = (struct worker *)tn_grow(sizeof(struct worker));
		if (!workers.at[i])
			return false;
		workers.count++;
	}
	return true;
}

static __always_inline struct worker *worker_at(u32 i) { return workers.at[i % MAX_WORKERS]; }
