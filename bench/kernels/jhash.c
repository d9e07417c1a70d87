// SPDX-License-Identifier: Apache-2.0
// Bob Jenkins' lookup3 hash (published 2006, public domain) over `size` bytes: 32-bit additions, subtractions and rotations.
#include "kernel.h"

static u32 data[512];

static inline u32 rotate(u32 x, u32 by) { return x << by | x >> (32 - by); }

static inline u32 byte_at(const u8 *p, u64 i, u64 n, u32 shift) { return i < n ? (u32)p[i] << shift : 0; }

static inline u32 tail_word(const u8 *p, u64 i, u64 n) {
  return byte_at(p, i, n, 0) | byte_at(p, i + 1, n, 8) | byte_at(p, i + 2, n, 16) | byte_at(p, i + 3, n, 24);
}

#define STEP(x, y, z, by) x -= z, x ^= rotate(z, by), z += y
#define LAST(x, y, by) x ^= y, x -= rotate(y, by)

static u32 lookup3(const u8 *key, u64 n, u32 seed) {
  u32 a = 0xdeadbeef + (u32)n + seed, b = a, c = a;
  for (; n > 12; n -= 12, key += 12) {
    const u32 *word = (const u32 *)key;
    a += word[0];
    b += word[1];
    c += word[2];
    STEP(a, b, c, 4);
    STEP(b, c, a, 6);
    STEP(c, a, b, 8);
    STEP(a, b, c, 16);
    STEP(b, c, a, 19);
    STEP(c, a, b, 4);
  }
  if (n == 0) return c;
  a += tail_word(key, 0, n);
  b += tail_word(key, 4, n);
  c += tail_word(key, 8, n);
  LAST(c, b, 14);
  LAST(a, c, 11);
  LAST(b, a, 25);
  LAST(c, b, 16);
  LAST(a, c, 4);
  LAST(b, a, 14);
  LAST(c, b, 24);
  return c;
}

KERNEL(jhash) {
  u64 n = ctx->size;
  u32 repeat = ctx->repeat;
  u32 hash = (u32)ctx->seed;
  if (n > sizeof(data)) return 0;
  if (ctx->op == kSetUp) return fill_random((u8 *)data, n, ctx->seed);
  for (u32 r = 0; r < repeat; r++) hash = lookup3((const u8 *)data, n, hash);
  return hash;
}
