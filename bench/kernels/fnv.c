// SPDX-License-Identifier: Apache-2.0
// FNV-1a, 64 bits, over `size` bytes: one multiplication per byte, each waiting for the one before.
#include "kernel.h"

static u8 data[2048];

static u64 fnv1a(const u8 *p, u64 n, u64 hash) {
  for (u64 i = 0; i < n; i++) hash = (hash ^ p[i]) * 0x100000001b3ull;
  return hash;
}

KERNEL(fnv) {
  u64 n = ctx->size;
  u32 repeat = ctx->repeat;
  u64 hash = ctx->seed;
  if (n > sizeof(data)) return 0;
  if (ctx->op == kSetUp) return fill_random(data, n, hash);
  for (u32 r = 0; r < repeat; r++) hash = fnv1a(data, n, hash);
  return hash;
}
