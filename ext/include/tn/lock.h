/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* Locks in the extension's heap, for extensions on many threads, for the host (<tenon/heap_lock.hpp>) and for other processes that map the heap.
 *
 * A lock belongs to the invocation that took it: what is not unlocked when the invocation is stopped, or throws, is unlocked for it; returning with a lock
 * held cancels the invocation (lock_held), and so does unlocking what it does not hold (bad_unlock). No lock is recursive. Waiting for a lock that this
 * thread has already, or in a circle of threads that wait for each other, cancels one of them (deadlock). At most 32 at once per thread.
 *
 * Locking answers TN_ABANDONED when the holder before was stopped or died while it held the lock: what it protects may be half changed. Otherwise 0. */
#pragma once

#include <tn/builtin.h>

/* Without debug information of its own, a call stands at the caller's line: that is what a deadlock names. */
#define TN_LOCK_INLINE static inline __attribute__((always_inline, nodebug))

#define TN_TAKEN 1
#define TN_ABANDONED 2

/* All zero is free. In globals or in memory from tn_grow, aligned to 8 bytes. What is in it belongs to the runtime. */
struct tn_spinlock {
	u64 word;
};

/* One writer, or up to 15 readers. */
struct tn_rwlock {
	u64 words[16];
};

TN_LOCK_INLINE u32 tn_lock(struct tn_spinlock *lock)
{
	return tn_spin_lock((u64)lock);
}

/* 0: somebody has it. Else TN_TAKEN, and TN_ABANDONED where it applies. */
TN_LOCK_INLINE u32 tn_trylock(struct tn_spinlock *lock)
{
	return tn_spin_trylock((u64)lock);
}

TN_LOCK_INLINE void tn_unlock(struct tn_spinlock *lock)
{
	tn_spin_unlock((u64)lock);
}

TN_LOCK_INLINE u32 tn_lock_read(struct tn_rwlock *lock)
{
	return tn_read_lock((u64)lock);
}

TN_LOCK_INLINE void tn_unlock_read(struct tn_rwlock *lock)
{
	tn_read_unlock((u64)lock);
}

TN_LOCK_INLINE u32 tn_lock_write(struct tn_rwlock *lock)
{
	return tn_write_lock((u64)lock);
}

TN_LOCK_INLINE void tn_unlock_write(struct tn_rwlock *lock)
{
	tn_write_unlock((u64)lock);
}
