/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* malloc and kin, as C has them. NULL when the heap is at its limit; memory is 16-byte aligned; free(NULL) and freeing what is no block do nothing. */
#pragma once

#include <tn/builtin.h>

static inline __attribute__((always_inline)) void *malloc(u64 bytes) { return (void *)tn_malloc(bytes); }
static inline __attribute__((always_inline)) void *calloc(u64 n, u64 bytes) { return (void *)tn_calloc(n, bytes); }
static inline __attribute__((always_inline)) void *realloc(void *p, u64 bytes) { return (void *)tn_realloc((u64)p, bytes); }
static inline __attribute__((always_inline)) void *aligned_alloc(u64 alignment, u64 bytes) { return (void *)tn_aligned_alloc(alignment, bytes); }
static inline __attribute__((always_inline)) void free(void *p) { tn_free((u64)p); }
