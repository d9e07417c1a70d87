// SPDX-License-Identifier: Apache-2.0
// The sieve of Eratosthenes below `size`: byte stores at growing strides.
#include "kernel.h"

#define MAX_SIZE 8192

static union {
  u8 composite[MAX_SIZE];
  u64 words[MAX_SIZE / 8];
} table;

/// Four at a time: a loop of one store runs at one of several speeds, depending on where the compiler happens to put it.
static inline void strike_out(u64 first, u64 step, u64 n) {
  u64 j = first;
  for (; j + 3 * step < n; j += 4 * step) {
    table.composite[j] = 1;
    table.composite[j + step] = 1;
    table.composite[j + 2 * step] = 1;
    table.composite[j + 3 * step] = 1;
  }
  for (; j < n; j += step) table.composite[j] = 1;
}

static u64 count_primes(u64 n) {
  u64 count = 0;
  for (u64 i = 0; i < (n + 7) / 8; i++) table.words[i] = 0;
  for (u64 i = 2; i < n; i++) {
    if (table.composite[i]) continue;
    count++;
    strike_out(i * i, i, n);
  }
  return count;
}

KERNEL(sieve) {
  u64 n = ctx->size;
  u32 repeat = ctx->repeat;
  if (n > MAX_SIZE) return 0;
  if (ctx->op == kSetUp) return count_primes(n);
  u64 sum = ctx->seed;
  for (u32 r = 0; r < repeat; r++) sum = sum * 3 + count_primes(n - (r & 1));
  return sum;
}
