/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* Memory for items: classes of equal chunks, each 1.25 times the last, cut from pages that come from tn_grow and are never given back.
 * A page is granted while the sum stays within the operator's limit; a class's first page is granted even beyond it. */
#pragma once

#include "item.h"
#include "worker.h"

#define PAGE_BYTES (1u << 20)
#define SMALLEST_CHUNK 96
#define LOOKUP_SHIFT 4
#define LOOKUP_BYTES 2048

struct slab_class {
	u32 chunk_bytes, chunks_per_page;
	u32 pages;
	u32 free_chunks;          /* on the free list or never used yet */
	struct item *free;        /* linked by `newer` */
	u8 *fresh;                /* the rest of the last page, never used */
	struct item *newest, *oldest;
	u64 items, items_bytes;
	u32 evicted_age;          /* seconds since the item that was dropped last was used */
};

static struct {
	struct slab_class classes[MAX_CLASSES];  /* [0] is unused */
	u8 first_class[LOOKUP_BYTES >> LOOKUP_SHIFT];
	u32 largest_class;
	u64 limit_bytes, page_bytes;
} slabs;

static __always_inline struct slab_class *class_at(u32 class) { return &slabs.classes[class % MAX_CLASSES]; }

/* The smallest class that holds `bytes`, which is at most MAX_ITEM_BYTES. */
static __always_inline u32 class_for(u32 bytes)
{
	u32 class = bytes < LOOKUP_BYTES ? slabs.first_class[bytes >> LOOKUP_SHIFT] : slabs.first_class[(LOOKUP_BYTES >> LOOKUP_SHIFT) - 1];

	while (class < slabs.largest_class && class_at(class)->chunk_bytes < bytes)
		class++;
	return class;
}

static __always_inline void start_slabs(u64 limit_bytes)
{
	u32 bytes = SMALLEST_CHUNK, class = 1;

	for (; class < MAX_CLASSES - 1 && bytes <= PAGE_BYTES * 4ull / 5; class++) {
		bytes = (bytes + 7) / 8 * 8;
		slabs.classes[class].chunk_bytes = bytes;
		slabs.classes[class].chunks_per_page = PAGE_BYTES / bytes;
		bytes = bytes * 5 / 4;
	}
	slabs.classes[class].chunk_bytes = PAGE_BYTES;
	slabs.classes[class].chunks_per_page = 1;
	slabs.largest_class = class;
	slabs.limit_bytes = limit_bytes;
	for (u32 i = 0, at = 1; i < ARRAY_LENGTH(slabs.first_class); i++) {
		while (slabs.classes[at % MAX_CLASSES].chunk_bytes < i << LOOKUP_SHIFT)
			at++;
		slabs.first_class[i] = at;
	}
}

/* Final at once, so that whoever is stopped later does not lose the page. */
static __always_inline bool grant_page(struct slab_class *class)
{
	u32 bytes = class->chunk_bytes * class->chunks_per_page;
	u64 page;

	if (slabs.page_bytes + bytes > slabs.limit_bytes && class->pages)
		return false;
	page = tn_grow(bytes);
	if (!page)
		return false;
	SET(slabs.page_bytes, slabs.page_bytes + bytes);
	SET(class->pages, class->pages + 1);
	SET(class->fresh, (u8 *)page);
	SET(class->free_chunks, class->free_chunks + class->chunks_per_page);
	commit();
	return true;
}

/* A chunk of the class, or null when the memory is spent. */
static __always_inline struct item *take_chunk(struct slab_class *class)
{
	struct item *chunk = class->free;

	if (!class->free_chunks && !grant_page(class))
		return 0;
	SET(class->free_chunks, class->free_chunks - 1);
	if (chunk) {
		SET(class->free, chunk->newer);
		return chunk;
	}
	chunk = (struct item *)class->fresh;
	SET(class->fresh, class->fresh + class->chunk_bytes);
	return chunk;
}

static __always_inline void give_chunk(struct slab_class *class, struct item *chunk)
{
	SET(chunk->newer, class->free);
	SET(class->free, chunk);
	SET(class->free_chunks, class->free_chunks + 1);
}
