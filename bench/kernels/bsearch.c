// SPDX-License-Identifier: Apache-2.0
// Binary search for random keys in a sorted array of `size` 64-bit keys.
#include "kernel.h"

#define MAX_KEYS 65536

static u64 keys[MAX_KEYS];
static u64 last_random;

/// Index of the first key that is not less than `key`.
static u64 lower_bound(u64 n, u64 key) {
  u64 low = 0, high = n;
  while (low < high) {
    u64 middle = low + (high - low) / 2;
    if (keys[middle] < key)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static u64 build_keys(u64 n, u64 seed) {
  u64 key = 0;
  for (u64 i = 0; i < n; i++) {
    seed = next_random(seed);
    key += 1 + (seed & 15);
    keys[i] = key;
  }
  return key;
}

KERNEL(binary_search) {
  u64 n = ctx->size;
  u32 repeat = ctx->repeat;
  u64 sum = 0;
  if (n == 0 || n > MAX_KEYS) return 0;
  if (ctx->op == kSetUp) return build_keys(n, last_random = ctx->seed);
  u64 random = last_random, end = keys[n - 1] + 1;
  for (u32 r = 0; r < repeat; r++) {
    random = next_random(random);
    sum += lower_bound(n, (random >> 16) % end);
  }
  last_random = random;
  return sum;
}
