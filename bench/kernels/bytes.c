// SPDX-License-Identifier: Apache-2.0
// Byte loops over `size` bytes, as people write them in C: `compare` finds two equal buffers equal, `copy` copies one to the other.
#include "kernel.h"

#define MAX_BYTES 2048

static u8 left[MAX_BYTES], right[MAX_BYTES];

static int compare_bytes(const u8 *a, const u8 *b, u64 n) {
  for (u64 i = 0; i < n; i++) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

static void copy_bytes(u8 *to, const u8 *from, u64 n) {
  for (u64 i = 0; i < n; i++) to[i] = from[i];
}

static u64 fill_both(u64 n, u64 seed) {
  u64 sum = fill_random(left, n, seed);
  copy_bytes(right, left, n);
  return sum;
}

KERNEL(compare) {
  u64 n = ctx->size;
  u32 repeat = ctx->repeat;
  u64 sum = ctx->seed;
  if (n == 0 || n > MAX_BYTES) return 0;
  if (ctx->op == kSetUp) return fill_both(n, sum);
  for (u32 r = 0; r < repeat; r++) {
    left[r % n] = right[r % n] = (u8)r;
    sum = sum * 3 + (u64)compare_bytes(left, right, n);
  }
  return sum;
}

KERNEL(copy) {
  u64 n = ctx->size;
  u32 repeat = ctx->repeat;
  u64 sum = ctx->seed;
  if (n == 0 || n > MAX_BYTES) return 0;
  if (ctx->op == kSetUp) return fill_both(n, sum);
  for (u32 r = 0; r < repeat; r++) {
    left[r % n] = (u8)sum;
    copy_bytes(right, left, n);
    sum = sum * 3 + right[n - 1 - r % n];
  }
  return sum;
}
