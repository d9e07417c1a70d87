/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* Functions that every Tenon host has, whatever its interface. */
#pragma once

#include <tn/types.h>

extern void tn_copy(void *dst, const void *src, u64 n);
extern void tn_move(void *dst, const void *src, u64 n);
extern void tn_fill(void *dst, u32 value, u64 n);
extern s32 tn_compare(const void *a, const void *b, u64 n);
extern u64 tn_find(const void *p, u32 value, u64 n);
extern u64 tn_grow(u64 bytes);
extern u64 tn_malloc(u64 bytes);
extern u64 tn_calloc(u64 n, u64 bytes);
extern u64 tn_realloc(u64 p, u64 bytes);
extern u64 tn_aligned_alloc(u64 alignment, u64 bytes);
extern void tn_free(u64 p);
extern u32 tn_spin_lock(u64 lock);
extern u32 tn_spin_trylock(u64 lock);
extern void tn_spin_unlock(u64 lock);
extern u32 tn_read_lock(u64 lock);
extern void tn_read_unlock(u64 lock);
extern u32 tn_write_lock(u64 lock);
extern void tn_write_unlock(u64 lock);
extern void bpf_throw(u64 cookie) __attribute__((noreturn));
extern u32 tn_try(void (*body)(void *), void *arg);
extern u64 tn_cookie(void);
extern void tn_defer(void (*f)(u64 ), u64 arg);
extern void tn_scope_begin(void (*destructor)(u64 ), u64 at);
extern void tn_scope_end(u64 at);
