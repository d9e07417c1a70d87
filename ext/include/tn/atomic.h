/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* Atomic accesses with explicit memory orders (docs/memory-model.md), for BPF and, with the same meaning, for native code that shares the memory.
 *
 *   tn_load(p, order)              order: TN_RELAXED, TN_ACQUIRE, TN_SEQ_CST
 *   tn_store(p, value, order)      order: TN_RELAXED, TN_RELEASE, TN_SEQ_CST
 *   tn_fetch_add(p, value, order), tn_fetch_sub, tn_fetch_and, tn_fetch_or, tn_fetch_xor, tn_xchg                       the value before
 *   tn_cmpxchg(p, expected, desired, order)      the value before: `desired` was stored if it is `expected`
 *   tn_fence(order)
 *
 * tn_load and tn_store take 1, 2, 4 and 8 bytes, the others 4 and 8; all naturally aligned. `p` is evaluated once.
 * clang-19 cannot select atomic loads, stores and fences for BPF, so these are written as encodings (Linux 6.15, LLVM 20: BPF_LOAD_ACQ and
 * BPF_STORE_REL of cpu=v4). Read-modify-write operations are fully ordered on BPF, whatever the order asked for. */
#pragma once

#ifdef __bpf__
#include <tn/types.h>
#endif

#define TN_RELAXED 0
#define TN_ACQUIRE 2
#define TN_RELEASE 3
#define TN_ACQ_REL 4
#define TN_SEQ_CST 5

#define tn_load_relaxed(p) tn_load(p, TN_RELAXED)
#define tn_load_acquire(p) tn_load(p, TN_ACQUIRE)
#define tn_store_relaxed(p, value) tn_store(p, value, TN_RELAXED)
#define tn_store_release(p, value) tn_store(p, value, TN_RELEASE)

#ifdef __bpf__

#define TN_ATOMIC_INLINE static inline __attribute__((always_inline))

/* One atomic instruction: opcode STX | ATOMIC | size; registers; offset 0; operation. */
#define TN_LOAD_ACQUIRE(opcode) __asm__ volatile(".byte " opcode ", 0x10, 0, 0, 0x00, 0x01, 0, 0" : "=r"(value) : "r"(at) : "memory")
#define TN_STORE_RELEASE(opcode) __asm__ volatile(".byte " opcode ", 0x21, 0, 0, 0x10, 0x01, 0, 0" : : "r"(at), "r"(stored) : "memory")

TN_ATOMIC_INLINE u64 tn_load_acquire_bytes(const volatile void *p, unsigned bytes)
{
	register const volatile void *at __asm__("r1") = p;
	register u64 value __asm__("r0");

	switch (bytes) {
	case 1: TN_LOAD_ACQUIRE("0xd3"); break;
	case 2: TN_LOAD_ACQUIRE("0xcb"); break;
	case 4: TN_LOAD_ACQUIRE("0xc3"); break;
	default: TN_LOAD_ACQUIRE("0xdb"); break;
	}
	return value;
}

TN_ATOMIC_INLINE void tn_store_release_bytes(volatile void *p, u64 what, unsigned bytes)
{
	register volatile void *at __asm__("r1") = p;
	register u64 stored __asm__("r2") = what;

	switch (bytes) {
	case 1: TN_STORE_RELEASE("0xd3"); break;
	case 2: TN_STORE_RELEASE("0xcb"); break;
	case 4: TN_STORE_RELEASE("0xc3"); break;
	default: TN_STORE_RELEASE("0xdb"); break;
	}
}

#undef TN_LOAD_ACQUIRE
#undef TN_STORE_RELEASE

/* BPF has no fence instruction; a read-modify-write that fetches is one. On a line of its own, so that nobody else's data moves with it. */
static struct {
	u64 word;
	u64 pad[7];
} tn_fence_line __attribute__((unused, aligned(64)));

TN_ATOMIC_INLINE void tn_fence(int order)
{
	if (order != TN_RELAXED) {
		const u64 before = __sync_fetch_and_add(&tn_fence_line.word, 0);
		__asm__ volatile("" : : "r"(before) : "memory");
	}
}

#define tn_load(p, order) \
	({ \
		__typeof__(p) tn_p = (p); \
		(order) == TN_RELAXED ? *(const volatile __typeof__(*tn_p) *)tn_p : (__typeof__(*tn_p))tn_load_acquire_bytes(tn_p, sizeof(*tn_p)); \
	})
#define tn_store(p, value, order) \
	({ \
		__typeof__(p) tn_p = (p); \
		if ((order) == TN_RELAXED) \
			*(volatile __typeof__(*tn_p) *)tn_p = (value); \
		else \
			tn_store_release_bytes(tn_p, (u64)(value), sizeof(*tn_p)); \
		if ((order) == TN_SEQ_CST) \
			tn_fence(TN_SEQ_CST); \
	})
#define tn_fetch_add(p, value, order) ((void)(order), __sync_fetch_and_add(p, value))
#define tn_fetch_sub(p, value, order) ((void)(order), __sync_fetch_and_sub(p, value))
#define tn_fetch_and(p, value, order) ((void)(order), __sync_fetch_and_and(p, value))
#define tn_fetch_or(p, value, order) ((void)(order), __sync_fetch_and_or(p, value))
#define tn_fetch_xor(p, value, order) ((void)(order), __sync_fetch_and_xor(p, value))
#define tn_xchg(p, value, order) ((void)(order), __sync_lock_test_and_set(p, value))
#define tn_cmpxchg(p, expected, desired, order) ((void)(order), __sync_val_compare_and_swap(p, expected, desired))

#else

#define tn_load(p, order) __atomic_load_n(p, order)
#define tn_store(p, value, order) __atomic_store_n(p, value, order)
#define tn_fetch_add(p, value, order) __atomic_fetch_add(p, value, order)
#define tn_fetch_sub(p, value, order) __atomic_fetch_sub(p, value, order)
#define tn_fetch_and(p, value, order) __atomic_fetch_and(p, value, order)
#define tn_fetch_or(p, value, order) __atomic_fetch_or(p, value, order)
#define tn_fetch_xor(p, value, order) __atomic_fetch_xor(p, value, order)
#define tn_xchg(p, value, order) __atomic_exchange_n(p, value, order)
#define tn_cmpxchg(p, expected, desired, order) \
	({ \
		__typeof__(*(p)) tn_expected = (expected); \
		__atomic_compare_exchange_n(p, &tn_expected, desired, 0, order, \
					    (order) == TN_RELEASE ? TN_RELAXED : (order) == TN_ACQ_REL ? TN_ACQUIRE : (order)); \
		tn_expected; \
	})
#define tn_fence(order) __atomic_thread_fence(order)

#endif
