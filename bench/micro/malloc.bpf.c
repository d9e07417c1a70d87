/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* Extensions that do nothing but allocate and free; the argument is rounds << 32 | bytes. */
#include <tn/heap.h>

#include "malloc_loops.h"

SEC("micro") u64 pairs(u64 what) { return pair_loop(what >> 32, (u32)what); }
SEC("micro") u64 lifo(u64 what) { return lifo_loop(what >> 32, (u32)what); }
SEC("micro") u64 at_random(u64 what) { return random_loop(what >> 32, (u32)what); }
