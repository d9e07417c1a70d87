// SPDX-License-Identifier: Apache-2.0
// Steps of the Collatz sequences from 1 to `size`: no memory, one choice per step.
#include "kernel.h"

static u64 steps_to_one(u64 x) {
  u64 steps = 0;
  for (; x != 1; steps++) x = x & 1 ? 3 * x + 1 : x / 2;
  return steps;
}

KERNEL(collatz) {
  u64 n = ctx->size;
  u32 repeat = ctx->repeat;
  u64 sum = ctx->seed;
  if (ctx->op == kSetUp) return n;
  for (u32 r = 0; r < repeat; r++) {
    for (u64 x = 1; x <= n; x++) sum += steps_to_one(x + (r & 1));
  }
  return sum;
}
