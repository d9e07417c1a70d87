/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* memcached, compiled for the host, with a look at its inside: is everything as it has to be while no call is under way? */
#include "transfer.h"

#define RESET(object_) tn_fill(&(object_), 0, sizeof(object_))

/* As if it were loaded anew. */
s32 subject_start(struct kv_settings *settings)
{
	RESET(transaction);
	RESET(clock);
	RESET(workers);
	RESET(slabs);
	RESET(table);
	RESET(cache);
	RESET(baseline);
	RESET(connection_blocks);
	return start(settings);
}

s32 subject_request(struct kv_request *request) { return serve(request, connection_of(request->connection)); }
void subject_closed(u64 connection) { forget(connection_of(connection)); }
u64 subject_items(void) { return table.items; }
bool subject_is_growing(void) { return table.old; }

#define REQUIRE(condition_) \
	do { \
		if (!(condition_)) \
			return #condition_; \
	} while (0)

/* Null: all is well. Else what is not. */
static const char *check_bucket(struct item *it, u32 place, u32 mask, u64 *items)
{
	for (; it; it = it->chain) {
		REQUIRE((it->hash & mask) == place);
		REQUIRE(it->state & ITEM_LINKED);
		REQUIRE(it->references == 1);
		REQUIRE(++*items <= table.items);
	}
	return 0;
}

static const char *check_table(void)
{
	u32 buckets = 1u << table.power;
	const char *wrong = 0;
	u64 items = 0;

	for (u32 i = 0; i < buckets && !wrong; i++)
		wrong = check_bucket(table.buckets[i], i, buckets - 1, &items);
	for (u32 i = 0; table.old && i < buckets / 2 && !wrong; i++)
		wrong = check_bucket(table.old[i], i, buckets / 2 - 1, &items);
	if (wrong)
		return wrong;
	for (u32 i = 0; table.old && i < table.moved; i++)
		REQUIRE(!table.old[i]);
	for (u32 i = table.moved; table.old && i < buckets / 2; i++)
		REQUIRE(!table.buckets[i] && !table.buckets[i + buckets / 2]);
	REQUIRE(items == table.items);
	return 0;
}

static const char *check_class(const struct slab_class *class, u64 *items)
{
	struct item *newer = 0;
	u64 listed = 0, bytes = 0, free = 0;

	for (struct item *it = class->newest; it; newer = it, it = it->older) {
		REQUIRE(it->newer == newer);
		REQUIRE(class_at(it->class) == class);
		REQUIRE(item_bytes(it) <= class->chunk_bytes);
		REQUIRE(++listed <= class->items);
		bytes += item_bytes(it);
	}
	REQUIRE(class->oldest == newer);
	REQUIRE(listed == class->items && bytes == class->items_bytes);
	for (struct item *chunk = class->free; chunk; chunk = chunk->newer) {
		REQUIRE(!(chunk->state & ITEM_LINKED));
		REQUIRE(++free <= class->free_chunks);
	}
	*items += listed;
	/* Nothing is referenced by a connection, so each chunk is in the list, free, or not used yet. */
	REQUIRE(listed + class->free_chunks == (u64)class->pages * class->chunks_per_page);
	return 0;
}

const char *subject_check(void)
{
	const char *wrong = check_table();
	u64 items = 0;

	REQUIRE(transaction.changes == 0);
	for (u32 id = 1; id <= slabs.largest_class && !wrong; id++)
		wrong = check_class(class_at(id), &items);
	if (wrong)
		return wrong;
	REQUIRE(items == table.items);
	return 0;
}
