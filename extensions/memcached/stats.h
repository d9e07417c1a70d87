/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* stats, stats items, stats slabs, stats sizes, stats reset. Zeros written as text are of things that this server does not have, so that the zero is true
 * (crawler, authentication, meta commands, ...). Fields about the reference's own buffers are left out: README.md lists them. */
#pragma once

#include "line.h"

#define VERSION_TEXT "1.6.18"

static __noinline void stat_name(const u8 *name, u32 length)
{
	REPLY("STAT ");
	reply_bytes(name, length);
	reply.text[reply.length++] = ' ';
}

static __noinline void stat_value(u64 value)
{
	reply_decimal(value);
	REPLY("\r\n");
}

#define STAT(name_, value_) \
	do { \
		stat_name((const u8 *)(name_), sizeof(name_) - 1); \
		stat_value(value_); \
	} while (0)
#define STAT_TEXT(name_, text_) REPLY("STAT " name_ " " text_ "\r\n")

/* Seconds with six decimals. */
static __noinline void stat_seconds(const u8 *name, u32 length, u64 microseconds)
{
	stat_name(name, length);
	reply_decimal(microseconds / 1000000);
	reply.text[reply.length++] = '.';
	for (u32 unit = 100000; unit; unit /= 10)
		reply.text[reply.length++] = '0' + microseconds / unit % 10;
	REPLY("\r\n");
}

static struct class_counters sums;

static __noinline void sum_classes(void)
{
	tn_fill(&sums, 0, sizeof(sums));
	for (u32 i = 1; i <= slabs.largest_class; i++) {
		const struct class_counters *of = &class_at(i)->counters;

		sums.get_hits += of->get_hits;
		sums.set_commands += of->set_commands;
		sums.delete_hits += of->delete_hits;
		sums.incr_hits += of->incr_hits;
		sums.decr_hits += of->decr_hits;
		sums.cas_hits += of->cas_hits;
		sums.cas_bad += of->cas_bad;
		sums.touch_hits += of->touch_hits;
		sums.evicted += of->evicted;
		sums.evicted_unfetched += of->evicted_unfetched;
		sums.reclaimed += of->reclaimed;
		sums.expired_unfetched += of->expired_unfetched;
		sums.tail_in_use += of->tail_in_use;
	}
}

static __noinline void stats_process(void)
{
	STAT("pid", kv_fact(KV_PROCESS_ID));
	STAT("uptime", clock.now - BUMP_SECONDS - 2);
	STAT("time", clock.origin + clock.now);
	STAT_TEXT("version", VERSION_TEXT);
	STAT("pointer_size", 8 * sizeof(void *));
	stat_seconds((const u8 *)"rusage_user", 11, kv_fact(KV_USER_MICROSECONDS));
	stat_seconds((const u8 *)"rusage_system", 13, kv_fact(KV_SYSTEM_MICROSECONDS));
	STAT("max_connections", kv_fact(KV_MOST_CONNECTIONS));
	STAT("curr_connections", kv_fact(KV_OPEN_CONNECTIONS));
	STAT("total_connections", kv_fact(KV_TOTAL_SOCKETS) - host_baseline.sockets);
	STAT("connection_structures", kv_fact(KV_PEAK_SOCKETS));
	STAT_TEXT("response_obj_oom", "0");
	STAT_TEXT("read_buf_oom", "0");
}

static __noinline void stats_commands(void)
{
	STAT("cmd_get", counters.get_commands);
	STAT("cmd_set", sums.set_commands);
	STAT("cmd_flush", counters.flush_commands);
	STAT("cmd_touch", counters.touch_commands);
	STAT_TEXT("cmd_meta", "0");
	STAT("get_hits", sums.get_hits);
	STAT("get_misses", counters.get_misses);
	STAT("get_expired", counters.get_expired);
	STAT("get_flushed", counters.get_flushed);
	STAT("delete_misses", counters.delete_misses);
	STAT("delete_hits", sums.delete_hits);
	STAT("incr_misses", counters.incr_misses);
	STAT("incr_hits", sums.incr_hits);
	STAT("decr_misses", counters.decr_misses);
	STAT("decr_hits", sums.decr_hits);
	STAT("cas_misses", counters.cas_misses);
	STAT("cas_hits", sums.cas_hits);
	STAT("cas_badval", sums.cas_bad);
	STAT("touch_hits", sums.touch_hits);
	STAT("touch_misses", counters.touch_misses);
	STAT("store_too_large", counters.too_large);
	STAT("store_no_memory", counters.no_memory);
	STAT_TEXT("auth_cmds", "0");
	STAT_TEXT("auth_errors", "0");
}

static __noinline void stats_memory(void)
{
	STAT("bytes_read", kv_fact(KV_BYTES_IN) - host_baseline.bytes_in);
	STAT("bytes_written", kv_fact(KV_BYTES_OUT) - host_baseline.bytes_out);
	STAT("limit_maxbytes", slabs.limit_bytes);
	STAT_TEXT("accepting_conns", "1");
	STAT_TEXT("listen_disabled_num", "0");
	STAT_TEXT("time_in_listen_disabled_us", "0");
	STAT("threads", kv_fact(KV_THREADS));
	STAT_TEXT("conn_yields", "0");
	STAT("hash_power_level", table.power);
	STAT("hash_bytes", sizeof(struct item *) << table.power);
	STAT("hash_is_expanding", table.old != 0);
	STAT_TEXT("malloc_fails", "0");
	STAT_TEXT("log_worker_dropped", "0");
	STAT_TEXT("log_worker_written", "0");
	STAT_TEXT("log_watcher_skipped", "0");
	STAT_TEXT("log_watcher_sent", "0");
	STAT_TEXT("log_watchers", "0");
	STAT_TEXT("unexpected_napi_ids", "0");
	STAT_TEXT("round_robin_fallback", "0");
	STAT("bytes", cache.items_bytes);
	STAT("curr_items", cache.items);
	STAT("total_items", counters.total_items);
	STAT_TEXT("slab_global_page_pool", "0");
	STAT("expired_unfetched", sums.expired_unfetched);
	STAT("evicted_unfetched", sums.evicted_unfetched);
	STAT("evictions", sums.evicted);
	STAT("reclaimed", sums.reclaimed);
	STAT_TEXT("crawler_reclaimed", "0");
	STAT_TEXT("crawler_items_checked", "0");
	STAT("lrutail_reflocked", sums.tail_in_use);
}

static __noinline void class_stat(const u8 *prefix, u32 prefix_length, u32 class, const u8 *name, u32 length)
{
	REPLY("STAT ");
	reply_bytes(prefix, prefix_length);
	reply_decimal(class);
	reply.text[reply.length++] = ':';
	reply_bytes(name, length);
	reply.text[reply.length++] = ' ';
}

#define CLASS_STAT(prefix_, class_, name_, value_) \
	do { \
		class_stat((const u8 *)(prefix_), sizeof(prefix_) - 1, class_, (const u8 *)(name_), sizeof(name_) - 1); \
		stat_value(value_); \
	} while (0)

static __noinline void stats_slab_class(u32 id)
{
	const struct slab_class *class = class_at(id);
	u64 chunks = (u64)class->pages * class->chunks_per_page;

	CLASS_STAT("", id, "chunk_size", class->chunk_bytes);
	CLASS_STAT("", id, "chunks_per_page", class->chunks_per_page);
	CLASS_STAT("", id, "total_pages", class->pages);
	CLASS_STAT("", id, "total_chunks", chunks);
	CLASS_STAT("", id, "used_chunks", chunks - class->free_chunks);
	CLASS_STAT("", id, "free_chunks", class->free_chunks);
	CLASS_STAT("", id, "free_chunks_end", 0);
	CLASS_STAT("", id, "get_hits", class->counters.get_hits);
	CLASS_STAT("", id, "cmd_set", class->counters.set_commands);
	CLASS_STAT("", id, "delete_hits", class->counters.delete_hits);
	CLASS_STAT("", id, "incr_hits", class->counters.incr_hits);
	CLASS_STAT("", id, "decr_hits", class->counters.decr_hits);
	CLASS_STAT("", id, "cas_hits", class->counters.cas_hits);
	CLASS_STAT("", id, "cas_badval", class->counters.cas_bad);
	CLASS_STAT("", id, "touch_hits", class->counters.touch_hits);
}

static __noinline void stats_slabs(void)
{
	u32 active = 0;

	for (u32 id = 1; id <= slabs.largest_class; id++) {
		if (!class_at(id)->pages)
			continue;
		active++;
		stats_slab_class(id);
	}
	STAT("active_slabs", active);
	STAT("total_malloced", slabs.page_bytes);
}

static __noinline void stats_item_class(u32 id)
{
	const struct slab_class *class = class_at(id);

	CLASS_STAT("items:", id, "number", class->items);
	CLASS_STAT("items:", id, "age", clock.now - class->oldest->time);
	CLASS_STAT("items:", id, "mem_requested", class->items_bytes);
	CLASS_STAT("items:", id, "evicted", class->counters.evicted);
	CLASS_STAT("items:", id, "evicted_nonzero", class->counters.evicted_with_expiry);
	CLASS_STAT("items:", id, "evicted_time", class->counters.evicted_age);
	CLASS_STAT("items:", id, "outofmemory", class->counters.out_of_memory);
	CLASS_STAT("items:", id, "tailrepairs", 0);
	CLASS_STAT("items:", id, "reclaimed", class->counters.reclaimed);
	CLASS_STAT("items:", id, "expired_unfetched", class->counters.expired_unfetched);
	CLASS_STAT("items:", id, "evicted_unfetched", class->counters.evicted_unfetched);
	CLASS_STAT("items:", id, "crawler_reclaimed", 0);
	CLASS_STAT("items:", id, "crawler_items_checked", 0);
	CLASS_STAT("items:", id, "lrutail_reflocked", class->counters.tail_in_use);
}

static __noinline void stats_items(void)
{
	for (u32 id = 1; id <= slabs.largest_class; id++)
		if (class_at(id)->items)
			stats_item_class(id);
}

static __noinline void reset_stats(void)
{
	tn_fill(&counters, 0, sizeof(counters));
	for (u32 id = 1; id <= slabs.largest_class; id++)
		tn_fill(&class_at(id)->counters, 0, sizeof(struct class_counters));
	host_baseline.bytes_in = kv_fact(KV_BYTES_IN);
	host_baseline.bytes_out = kv_fact(KV_BYTES_OUT);
	host_baseline.sockets = kv_fact(KV_TOTAL_SOCKETS);
}

static __noinline void run_stats(struct connection *c)
{
	if (line.words == 1) {
		sum_classes();
		stats_process();
		stats_commands();
		stats_memory();
	} else if (IS(word(1), "reset")) {
		reset_stats();
		ANSWER(c, "RESET");
		return;
	} else if (IS(word(1), "slabs")) {
		stats_slabs();
	} else if (IS(word(1), "items")) {
		stats_items();
	} else if (IS(word(1), "sizes")) {
		STAT_TEXT("sizes_status", "disabled");
	} else {
		ANSWER(c, "ERROR");
		return;
	}
	REPLY("END\r\n");
}
