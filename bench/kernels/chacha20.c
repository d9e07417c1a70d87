// SPDX-License-Identifier: Apache-2.0
// The ChaCha20 block function (RFC 8439, section 2.3): 32-bit additions, exclusive ors and rotations over sixteen words, more than BPF has registers.
#include "kernel.h"

static u32 state[16];
static u32 output[16];

static inline u32 rotate(u32 x, u32 by) { return x << by | x >> (32 - by); }

#define QUARTER_ROUND(a, b, c, d)                    \
  a += b, d = rotate(d ^ a, 16), c += d, b = rotate(b ^ c, 12), \
  a += b, d = rotate(d ^ a, 8), c += d, b = rotate(b ^ c, 7)

static void block(void) {
  u32 x0 = state[0], x1 = state[1], x2 = state[2], x3 = state[3], x4 = state[4], x5 = state[5], x6 = state[6], x7 = state[7];
  u32 x8 = state[8], x9 = state[9], x10 = state[10], x11 = state[11], x12 = state[12], x13 = state[13], x14 = state[14], x15 = state[15];
  for (u32 round = 0; round < 20; round += 2) {
    QUARTER_ROUND(x0, x4, x8, x12);
    QUARTER_ROUND(x1, x5, x9, x13);
    QUARTER_ROUND(x2, x6, x10, x14);
    QUARTER_ROUND(x3, x7, x11, x15);
    QUARTER_ROUND(x0, x5, x10, x15);
    QUARTER_ROUND(x1, x6, x11, x12);
    QUARTER_ROUND(x2, x7, x8, x13);
    QUARTER_ROUND(x3, x4, x9, x14);
  }
  output[0] = x0 + state[0], output[1] = x1 + state[1], output[2] = x2 + state[2], output[3] = x3 + state[3];
  output[4] = x4 + state[4], output[5] = x5 + state[5], output[6] = x6 + state[6], output[7] = x7 + state[7];
  output[8] = x8 + state[8], output[9] = x9 + state[9], output[10] = x10 + state[10], output[11] = x11 + state[11];
  output[12] = x12 + state[12], output[13] = x13 + state[13], output[14] = x14 + state[14], output[15] = x15 + state[15];
}

/// Constants of RFC 8439, section 2.3; key and nonce from the seed.
static u64 set_key(u64 seed) {
  state[0] = 0x61707865, state[1] = 0x3320646e, state[2] = 0x79622d32, state[3] = 0x6b206574;
  for (u32 i = 4; i < 16; i++) {
    seed = next_random(seed);
    state[i] = (u32)(seed >> 16);
  }
  state[12] = 0;
  return seed;
}

KERNEL(chacha20) {
  u32 repeat = ctx->repeat;
  u64 sum = ctx->seed;
  if (ctx->op == kSetUp) return set_key(sum);
  for (u32 r = 0; r < repeat; r++) {
    block();
    state[12]++;
    sum = sum * 3 + output[r % 16];
  }
  return sum;
}
