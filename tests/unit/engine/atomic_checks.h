/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* The same uses of <tn/atomic.h>, compiled for BPF and natively: both must answer alike. */
#pragma once

struct atomic_cells {
	u8 byte;
	u16 half;
	u32 word;
	u64 quad;
	u64 *pointer;
};

/* A hash of what every operation answers and leaves behind. */
static inline u64 atomic_checks(struct atomic_cells *c, u64 seed)
{
	u64 hash = seed;
#define NOTE(value) (hash = hash * 0x9e3779b97f4a7c15ull + (u64)(value))

	tn_store(&c->byte, (u8)seed, TN_RELAXED);
	tn_store(&c->half, (u16)(seed >> 3), TN_RELEASE);
	tn_store(&c->word, (u32)(seed >> 7), TN_RELEASE);
	tn_store(&c->quad, seed * 3, TN_SEQ_CST);
	tn_store(&c->pointer, &c->quad, TN_RELEASE);
	NOTE(tn_load(&c->byte, TN_ACQUIRE));
	NOTE(tn_load(&c->half, TN_ACQUIRE));
	NOTE(tn_load(&c->word, TN_SEQ_CST));
	NOTE(*tn_load(&c->pointer, TN_ACQUIRE));
	tn_store_release(&c->byte, (u8)(seed >> 9));
	tn_store_relaxed(&c->half, (u16)(seed >> 11));
	NOTE(tn_load_acquire(&c->byte));
	NOTE(tn_load_relaxed(&c->half));

	NOTE(tn_fetch_add(&c->word, 0x80000001u, TN_RELAXED));
	NOTE(tn_fetch_sub(&c->quad, seed | 1, TN_ACQUIRE));
	NOTE(tn_fetch_and(&c->quad, ~(seed << 5), TN_RELEASE));
	NOTE(tn_fetch_or(&c->word, 0x00f0f000u, TN_ACQ_REL));
	NOTE(tn_fetch_xor(&c->quad, 0x123456789abcdefull, TN_SEQ_CST));
	NOTE(tn_xchg(&c->word, (u32)seed, TN_ACQUIRE));
	NOTE(tn_xchg(&c->quad, seed, TN_SEQ_CST));
	NOTE(tn_cmpxchg(&c->quad, seed, seed + 1, TN_ACQ_REL));
	NOTE(tn_cmpxchg(&c->quad, seed, seed + 2, TN_RELEASE));
	NOTE(tn_cmpxchg(&c->word, (u32)seed, 77u, TN_ACQUIRE));
	NOTE(tn_cmpxchg(&c->word, (u32)seed, 78u, TN_RELAXED));
	tn_fence(TN_ACQUIRE);
	tn_fence(TN_RELEASE);
	tn_fence(TN_SEQ_CST);
	NOTE(tn_load_relaxed(&c->word));
	NOTE(tn_load_relaxed(&c->quad));
#undef NOTE
	return hash;
}

/* Store buffering: of two threads that each store, fence and load the other's cell, at least one sees the other's store. Plays `rounds` rounds as player
 * `me` of two, in step; the number of rounds in which this player saw nothing is left in `saw_nothing[me]`. `met` counts who has come to a round. */
struct litmus {
	u64 cell[2][8];
	u64 blind[2][8];  /* the round in which this player last saw nothing */
	u64 met;
	u64 pad[7];
	u64 both_blind;
};

static inline u64 store_buffering(struct litmus *l, u64 me, u64 rounds)
{
	const u64 other = 1 - me;

	for (u64 round = 1; round <= rounds; round++) {
		tn_store_relaxed(&l->cell[me][0], round);
		tn_fence(TN_SEQ_CST);
		if (tn_load_relaxed(&l->cell[other][0]) < round)
			tn_store_relaxed(&l->blind[me][0], round);
		tn_fetch_add(&l->met, 1, TN_ACQ_REL);
		while (tn_load_acquire(&l->met) < 2 * round)
			;
		if (me == 0 && tn_load_relaxed(&l->blind[0][0]) == round && tn_load_relaxed(&l->blind[1][0]) == round)
			tn_fetch_add(&l->both_blind, 1, TN_RELAXED);
	}
	return tn_load_acquire(&l->both_blind);
}

/* Message passing: whoever sees the flag sees what was written before it. */
struct mailbox {
	u64 letter[4];
	u64 pad[4];
	u64 flag;
	u64 pad2[7];
	u64 taken;
};

static inline u64 send_letters(struct mailbox *m, u64 letters)
{
	for (u64 n = 1; n <= letters; n++) {
		while (tn_load_acquire(&m->taken) != n - 1)
			;
		for (int i = 0; i < 4; i++)
			tn_store_relaxed(&m->letter[i], n + (u64)i);
		tn_store_release(&m->flag, n);
	}
	return letters;
}

static inline u64 read_letters(struct mailbox *m, u64 letters)
{
	u64 wrong = 0;

	for (u64 n = 1; n <= letters; n++) {
		while (tn_load_acquire(&m->flag) != n)
			;
		for (int i = 0; i < 4; i++)
			wrong += tn_load_relaxed(&m->letter[i]) != n + (u64)i;
		tn_store_release(&m->taken, n);
	}
	return wrong;
}
