/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* stats, stats items, stats slabs, stats sizes, stats reset. Zeros written as text are of things that this server does not have, so that the zero is true
 * (crawler, authentication, meta commands, ...). Fields about the reference's own buffers are left out: README.md lists them. */
#pragma once

#include "line.h"

#define VERSION_TEXT "1.6.18"

enum stats { STATS_ALL, STATS_SLABS, STATS_ITEMS, STATS_SIZES };

static __noinline void stat_name(struct worker *w, const u8 *name, u32 length)
{
	REPLY(w, "STAT ");
	reply_bytes(w, name, length);
	reply_byte(w, ' ');
}

static __noinline void stat_value(struct worker *w, u64 value)
{
	reply_decimal(w, value);
	REPLY(w, "\r\n");
}

#define STAT(w_, name_, value_) \
	do { \
		stat_name(w_, (const u8 *)(name_), sizeof(name_) - 1); \
		stat_value(w_, value_); \
	} while (0)
#define STAT_TEXT(w_, name_, text_) REPLY(w_, "STAT " name_ " " text_ "\r\n")

/* Seconds with six decimals. */
static __noinline void stat_seconds(struct worker *w, const u8 *name, u32 length, u64 microseconds)
{
	stat_name(w, name, length);
	reply_decimal(w, microseconds / 1000000);
	reply_byte(w, '.');
	for (u32 unit = 100000; unit; unit /= 10)
		reply_byte(w, '0' + microseconds / unit % 10);
	REPLY(w, "\r\n");
}

static __always_inline void add_counters(struct counters *to, const struct counters *from)
{
	u64 *sums = (u64 *)to;
	const u64 *counts = (const u64 *)from;

	for (u32 i = 0; i < sizeof(*to) / sizeof(u64); i++)
		sums[i] += counts[i];
}

/* Others go on counting meanwhile. */
static __noinline void sum_workers(struct counters *to)
{
	tn_fill(to, 0, sizeof(*to));
	for (u32 i = 0; i < workers.count; i++)
		add_counters(to, &worker_at(i)->counters);
}

/* Since the last reset. */
static __noinline void sum_counters(struct worker *w)
{
	u64 *sums = (u64 *)&w->sums;
	const u64 *before = (const u64 *)&baseline.counters;

	sum_workers(&w->sums);
	for (u32 i = 0; i < sizeof(w->sums) / sizeof(u64); i++)
		sums[i] -= before[i];
}

/* Over all classes. */
#define CLASSES_SUM(w_, field_) \
	({ \
		u64 sum_ = 0; \
		for (u32 i_ = 1; i_ <= slabs.largest_class; i_++) \
			sum_ += (w_)->sums.classes[i_ % MAX_CLASSES].field_; \
		sum_; \
	})

static __noinline void stats_process(struct worker *w)
{
	STAT(w, "pid", kv_fact(KV_PROCESS_ID));
	STAT(w, "uptime", now() - BUMP_SECONDS - 2);
	STAT(w, "time", clock.origin + now());
	STAT_TEXT(w, "version", VERSION_TEXT);
	STAT(w, "pointer_size", 8 * sizeof(void *));
	stat_seconds(w, (const u8 *)"rusage_user", 11, kv_fact(KV_USER_MICROSECONDS));
	stat_seconds(w, (const u8 *)"rusage_system", 13, kv_fact(KV_SYSTEM_MICROSECONDS));
	STAT(w, "max_connections", kv_fact(KV_MOST_CONNECTIONS));
	STAT(w, "curr_connections", kv_fact(KV_OPEN_CONNECTIONS));
	STAT(w, "total_connections", kv_fact(KV_TOTAL_SOCKETS) - baseline.sockets);
	STAT(w, "connection_structures", kv_fact(KV_PEAK_SOCKETS));
	STAT_TEXT(w, "response_obj_oom", "0");
	STAT_TEXT(w, "read_buf_oom", "0");
}

static __noinline void stats_commands(struct worker *w)
{
	STAT(w, "cmd_get", w->sums.get_commands);
	STAT(w, "cmd_set", CLASSES_SUM(w, set_commands));
	STAT(w, "cmd_flush", w->sums.flush_commands);
	STAT(w, "cmd_touch", w->sums.touch_commands);
	STAT_TEXT(w, "cmd_meta", "0");
	STAT(w, "get_hits", CLASSES_SUM(w, get_hits));
	STAT(w, "get_misses", w->sums.get_misses);
	STAT(w, "get_expired", w->sums.get_expired);
	STAT(w, "get_flushed", w->sums.get_flushed);
	STAT(w, "delete_misses", w->sums.delete_misses);
	STAT(w, "delete_hits", CLASSES_SUM(w, delete_hits));
	STAT(w, "incr_misses", w->sums.incr_misses);
	STAT(w, "incr_hits", CLASSES_SUM(w, incr_hits));
	STAT(w, "decr_misses", w->sums.decr_misses);
	STAT(w, "decr_hits", CLASSES_SUM(w, decr_hits));
	STAT(w, "cas_misses", w->sums.cas_misses);
	STAT(w, "cas_hits", CLASSES_SUM(w, cas_hits));
	STAT(w, "cas_badval", CLASSES_SUM(w, cas_bad));
	STAT(w, "touch_hits", CLASSES_SUM(w, touch_hits));
	STAT(w, "touch_misses", w->sums.touch_misses);
	STAT(w, "store_too_large", w->sums.too_large);
	STAT(w, "store_no_memory", w->sums.no_memory);
	STAT_TEXT(w, "auth_cmds", "0");
	STAT_TEXT(w, "auth_errors", "0");
}

static __noinline u64 stored_bytes(void)
{
	u64 bytes = 0;

	for (u32 id = 1; id <= slabs.largest_class; id++)
		bytes += class_at(id)->items_bytes;
	return bytes;
}

static __noinline void stats_memory(struct worker *w)
{
	STAT(w, "bytes_read", kv_fact(KV_BYTES_IN) - baseline.bytes_in);
	STAT(w, "bytes_written", kv_fact(KV_BYTES_OUT) - baseline.bytes_out);
	STAT(w, "limit_maxbytes", slabs.limit_bytes);
	STAT_TEXT(w, "accepting_conns", "1");
	STAT_TEXT(w, "listen_disabled_num", "0");
	STAT_TEXT(w, "time_in_listen_disabled_us", "0");
	STAT(w, "threads", kv_fact(KV_THREADS));
	STAT_TEXT(w, "conn_yields", "0");
	STAT(w, "hash_power_level", table.power);
	STAT(w, "hash_bytes", sizeof(struct item *) << table.power);
	STAT(w, "hash_is_expanding", table.old != 0);
	STAT_TEXT(w, "malloc_fails", "0");
	STAT_TEXT(w, "log_worker_dropped", "0");
	STAT_TEXT(w, "log_worker_written", "0");
	STAT_TEXT(w, "log_watcher_skipped", "0");
	STAT_TEXT(w, "log_watcher_sent", "0");
	STAT_TEXT(w, "log_watchers", "0");
	STAT_TEXT(w, "unexpected_napi_ids", "0");
	STAT_TEXT(w, "round_robin_fallback", "0");
	STAT(w, "bytes", stored_bytes());
	STAT(w, "curr_items", table.items);
	STAT(w, "total_items", w->sums.total_items);
	STAT_TEXT(w, "slab_global_page_pool", "0");
	STAT(w, "expired_unfetched", CLASSES_SUM(w, expired_unfetched));
	STAT(w, "evicted_unfetched", CLASSES_SUM(w, evicted_unfetched));
	STAT(w, "evictions", CLASSES_SUM(w, evicted));
	STAT(w, "reclaimed", CLASSES_SUM(w, reclaimed));
	STAT_TEXT(w, "crawler_reclaimed", "0");
	STAT_TEXT(w, "crawler_items_checked", "0");
	STAT(w, "lrutail_reflocked", CLASSES_SUM(w, tail_in_use));
}

static __noinline void class_stat(struct worker *w, const u8 *prefix, u32 class, const u8 *name, u32 length)
{
	REPLY(w, "STAT ");
	for (; *prefix; prefix++)
		reply_byte(w, *prefix);
	reply_decimal(w, class);
	reply_byte(w, ':');
	reply_bytes(w, name, length);
	reply_byte(w, ' ');
}

#define CLASS_STAT(w_, prefix_, class_, name_, value_) \
	do { \
		class_stat(w_, (const u8 *)(prefix_), class_, (const u8 *)(name_), sizeof(name_) - 1); \
		stat_value(w_, value_); \
	} while (0)

static __noinline void stats_slab_class(struct worker *w, u32 id)
{
	const struct slab_class *class = class_at(id);
	const struct class_counters *sums = &w->sums.classes[id % MAX_CLASSES];
	u64 chunks = (u64)class->pages * class->chunks_per_page;

	CLASS_STAT(w, "", id, "chunk_size", class->chunk_bytes);
	CLASS_STAT(w, "", id, "chunks_per_page", class->chunks_per_page);
	CLASS_STAT(w, "", id, "total_pages", class->pages);
	CLASS_STAT(w, "", id, "total_chunks", chunks);
	CLASS_STAT(w, "", id, "used_chunks", chunks - class->free_chunks);
	CLASS_STAT(w, "", id, "free_chunks", class->free_chunks);
	CLASS_STAT(w, "", id, "free_chunks_end", 0);
	CLASS_STAT(w, "", id, "get_hits", sums->get_hits);
	CLASS_STAT(w, "", id, "cmd_set", sums->set_commands);
	CLASS_STAT(w, "", id, "delete_hits", sums->delete_hits);
	CLASS_STAT(w, "", id, "incr_hits", sums->incr_hits);
	CLASS_STAT(w, "", id, "decr_hits", sums->decr_hits);
	CLASS_STAT(w, "", id, "cas_hits", sums->cas_hits);
	CLASS_STAT(w, "", id, "cas_badval", sums->cas_bad);
	CLASS_STAT(w, "", id, "touch_hits", sums->touch_hits);
}

static __noinline void stats_slabs(struct worker *w)
{
	u32 active = 0;

	for (u32 id = 1; id <= slabs.largest_class; id++) {
		if (!class_at(id)->pages)
			continue;
		active++;
		stats_slab_class(w, id);
	}
	STAT(w, "active_slabs", active);
	STAT(w, "total_malloced", slabs.page_bytes);
}

static __noinline void stats_item_class(struct worker *w, u32 id)
{
	const struct slab_class *class = class_at(id);
	const struct class_counters *sums = &w->sums.classes[id % MAX_CLASSES];

	CLASS_STAT(w, "items:", id, "number", class->items);
	CLASS_STAT(w, "items:", id, "age", now() - class->oldest->time);
	CLASS_STAT(w, "items:", id, "mem_requested", class->items_bytes);
	CLASS_STAT(w, "items:", id, "evicted", sums->evicted);
	CLASS_STAT(w, "items:", id, "evicted_nonzero", sums->evicted_with_expiry);
	CLASS_STAT(w, "items:", id, "evicted_time", class->evicted_age);
	CLASS_STAT(w, "items:", id, "outofmemory", sums->out_of_memory);
	CLASS_STAT(w, "items:", id, "tailrepairs", 0);
	CLASS_STAT(w, "items:", id, "reclaimed", sums->reclaimed);
	CLASS_STAT(w, "items:", id, "expired_unfetched", sums->expired_unfetched);
	CLASS_STAT(w, "items:", id, "evicted_unfetched", sums->evicted_unfetched);
	CLASS_STAT(w, "items:", id, "crawler_reclaimed", 0);
	CLASS_STAT(w, "items:", id, "crawler_items_checked", 0);
	CLASS_STAT(w, "items:", id, "lrutail_reflocked", sums->tail_in_use);
}

static __noinline void stats_items(struct worker *w)
{
	for (u32 id = 1; id <= slabs.largest_class; id++)
		if (class_at(id)->items)
			stats_item_class(w, id);
}

static __noinline void reset_stats(void)
{
	sum_workers(&baseline.counters);
	for (u32 id = 1; id <= slabs.largest_class; id++)
		class_at(id)->evicted_age = 0;
	baseline.bytes_in = kv_fact(KV_BYTES_IN);
	baseline.bytes_out = kv_fact(KV_BYTES_OUT);
	baseline.sockets = kv_fact(KV_TOTAL_SOCKETS);
}

static __noinline void write_stats(struct worker *w, u32 which)
{
	sum_counters(w);
	switch (which) {
	case STATS_ALL:
		stats_process(w);
		stats_commands(w);
		stats_memory(w);
		break;
	case STATS_SLABS:
		stats_slabs(w);
		break;
	case STATS_ITEMS:
		stats_items(w);
		break;
	default:
		STAT_TEXT(w, "sizes_status", "disabled");
	}
	REPLY(w, "END\r\n");
}

static __noinline void run_stats(struct worker *w)
{
	struct text what = word(w, 1);
	bool all = w->line.words == 1, reset = !all && IS(what, "reset"), slabs = !all && IS(what, "slabs"), items = !all && IS(what, "items");

	if (!all && !reset && !slabs && !items && !IS(what, "sizes")) {
		ANSWER(w, "ERROR");
		return;
	}
	lock_cache();
	if (reset)
		reset_stats();
	else
		write_stats(w, all ? STATS_ALL : slabs ? STATS_SLABS : items ? STATS_ITEMS : STATS_SIZES);
	unlock_cache();
	if (reset)
		ANSWER(w, "RESET");
}
