/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* The constants that kv.tni speaks of, for extensions (C) and for the host (C++). */
#pragma once

enum kv_verdict {
	KV_DONE = 0,
	KV_MORE_INPUT = 1,
	KV_CLOSE = 2,
	KV_FLUSH = 3,
};

enum kv_fact_name {
	KV_PROCESS_ID = 0,
	KV_USER_MICROSECONDS = 1,    /* processor time of the process */
	KV_SYSTEM_MICROSECONDS = 2,
	KV_MOST_CONNECTIONS = 3,     /* how many peers the host takes at once */
	KV_OPEN_CONNECTIONS = 4,     /* stream peers and datagram sockets now open */
	KV_TOTAL_SOCKETS = 5,        /* ever opened, listening ones included */
	KV_PEAK_SOCKETS = 6,         /* most open at once, listening ones included */
	KV_REFUSED_CONNECTIONS = 7,
	KV_BYTES_IN = 8,
	KV_BYTES_OUT = 9,
	KV_THREADS = 10,
};
