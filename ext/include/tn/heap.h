/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* malloc and kin, as C has them. NULL when the heap is at its limit; memory is 16-byte aligned; free(NULL) and freeing what is no block do nothing. */
#pragma once

#include <tn/builtin.h>

/* The functions of tn/builtin.h under the names and types of C. */
extern void *malloc(u64 bytes) __asm__("tn_malloc");
extern void *calloc(u64 n, u64 bytes) __asm__("tn_calloc");
extern void *realloc(void *p, u64 bytes) __asm__("tn_realloc");
extern void *aligned_alloc(u64 alignment, u64 bytes) __asm__("tn_aligned_alloc");
extern void free(void *p) __asm__("tn_free");
