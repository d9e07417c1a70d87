/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* What `stats` tells. Everything in `counters` and in the counter part of a slab class is zeroed by `stats reset`. */
#pragma once

#include "platform.h"

struct counters {
	u64 get_commands, get_misses, get_expired, get_flushed;
	u64 touch_commands, touch_misses, flush_commands;
	u64 delete_misses, incr_misses, decr_misses, cas_misses;
	u64 too_large, no_memory;
	u64 total_items;
};

struct class_counters {
	u64 get_hits, set_commands, delete_hits, incr_hits, decr_hits, cas_hits, cas_bad, touch_hits;
	u64 evicted, evicted_with_expiry, evicted_unfetched, reclaimed, expired_unfetched, out_of_memory, tail_in_use;
	u32 evicted_age;
};

static struct counters counters;

/* What the host had counted when `stats reset` came. */
static struct {
	u64 bytes_in, bytes_out, sockets;
} host_baseline;
