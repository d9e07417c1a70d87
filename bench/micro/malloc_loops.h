/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* The loops of malloc_bench, compiled for BPF and natively. Each returns the number of blocks it got; `bytes` 0 means sizes from 16 to 1039, drawn anew each time. */
#pragma once

#define BATCH 64
#define LIVE 4096

static u64 malloc_seed;
static u64 *malloc_batch[BATCH], *malloc_live[LIVE];

static inline u64 next_number(void)
{
	malloc_seed = malloc_seed * 6364136223846793005ull + 1442695040888963407ull;
	return malloc_seed >> 33;
}

static inline u64 size_of_block(u64 bytes)
{
	return bytes ? bytes : 16 + (next_number() & 1023);
}

/* One block at a time. */
static inline u64 pair_loop(u64 rounds, u64 bytes)
{
	u64 got = 0;

	for (u64 i = 0; i < rounds; i++) {
		volatile u64 *p = malloc(size_of_block(bytes));

		if (!p)
			return got;
		*p = i;
		got++;
		free((void *)p);
	}
	return got;
}

/* 64 blocks, the last one freed first. */
static inline u64 lifo_loop(u64 rounds, u64 bytes)
{
	u64 got = 0;

	for (u64 i = 0; i < rounds; i += BATCH) {
		for (u64 j = 0; j < BATCH; j++) {
			malloc_batch[j] = malloc(size_of_block(bytes));
			if (!malloc_batch[j])
				return got;
			*malloc_batch[j] = i;
			got++;
		}
		for (u64 j = BATCH; j-- > 0;)
			free(malloc_batch[j]);
	}
	return got;
}

/* Any of 4096 live blocks is replaced by a new one. */
static inline u64 random_loop(u64 rounds, u64 bytes)
{
	u64 got = 0;

	for (u64 i = 0; i < rounds; i++) {
		u64 **slot = &malloc_live[next_number() & (LIVE - 1)];

		free(*slot);
		*slot = malloc(size_of_block(bytes));
		if (!*slot)
			return got;
		**slot = i;
		got++;
	}
	return got;
}
