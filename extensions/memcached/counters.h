/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* What `stats` tells. Each worker counts for itself, without a lock; nobody ever sets a counter back, `stats reset` only remembers what it was. */
#pragma once

#include "platform.h"

#define MAX_CLASSES 64

struct class_counters {
	u64 get_hits, set_commands, delete_hits, incr_hits, decr_hits, cas_hits, cas_bad, touch_hits;
	u64 evicted, evicted_with_expiry, evicted_unfetched, reclaimed, expired_unfetched, out_of_memory, tail_in_use;
};

/* Nothing but u64: sums are made word by word. */
struct counters {
	u64 get_commands, get_misses, get_expired, get_flushed;
	u64 touch_commands, touch_misses, flush_commands;
	u64 delete_misses, incr_misses, decr_misses, cas_misses;
	u64 too_large, no_memory;
	u64 total_items;
	struct class_counters classes[MAX_CLASSES];
};

/* What all workers, and the host, had counted when `stats reset` came. */
static struct {
	struct counters counters;
	u64 bytes_in, bytes_out, sockets;
} baseline;
