/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* The kernel's loops, for sources that are written with them; a plain loop of any shape does as well here.
 *
 *   bpf_loop(n, f, ctx, 0)      calls f(0, ctx) .. f(n - 1, ctx) until one returns 1; how many ran; -E2BIG beyond 8,388,608
 *   bpf_for(i, from, to)        for (i = from; i < to; i++)
 *   bpf_repeat(n)               n times
 *   can_loop, cond_break        a loop's condition, and a statement in its body, that let the host end the loop; Tenon never does: it ends the invocation */
#pragma once

#include <tn/types.h>

#ifndef __VMLINUX_H__
struct bpf_iter_num {
	u64 tn_hidden[1];
} __attribute__((aligned(8)));
#endif

#ifndef bpf_for
extern long bpf_loop(u32 nr_loops, long (*callback)(u64 index, void *ctx), void *callback_ctx, u64 flags);
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end);
extern int *bpf_iter_num_next(struct bpf_iter_num *it);
extern void bpf_iter_num_destroy(struct bpf_iter_num *it);

#define tn_numbers(it, from, to)                                                                \
	for (struct bpf_iter_num it __attribute__((cleanup(bpf_iter_num_destroy))), *tn_once = ( \
		     (void)bpf_iter_num_new(&it, (from), (to)), &it);                             \
	     tn_once; tn_once = NULL)

#define bpf_for(i, from, to)                                                                    \
	tn_numbers(tn_it, from, to)                                                             \
		for (int *tn_p; (tn_p = bpf_iter_num_next(&tn_it)) && ((i) = *tn_p, (i) >= (from) && (i) < (to));)
#define bpf_repeat(n)                \
	tn_numbers(tn_it, 0, n)      \
		while (bpf_iter_num_next(&tn_it))
#endif

#ifndef can_loop
#define can_loop                                                             \
	({                                                                   \
		__label__ tn_stop, tn_done;                                  \
		int tn_go = 1;                                               \
		asm goto("may_goto %l[tn_stop]" : : : : tn_stop);            \
		goto tn_done;                                                \
	tn_stop:                                                             \
		tn_go = 0;                                                   \
	tn_done:                                                             \
		tn_go;                                                       \
	})
#endif
#ifndef cond_break
#define cond_break                                                        \
	({                                                                \
		__label__ tn_stop, tn_on;                                 \
		asm goto("may_goto %l[tn_stop]" : : : : tn_stop);         \
		goto tn_on;                                               \
	tn_stop:                                                          \
		break;                                                    \
	tn_on:;                                                           \
	})
#endif
