// SPDX-License-Identifier: Apache-2.0
// Heapsort (Williams and Floyd, 1964) of `size` fresh random 32-bit numbers.
#include "kernel.h"

#define MAX_NUMBERS 4096

static u32 numbers[MAX_NUMBERS];
static u64 last_random;

static void sift_down(u32 *heap, u64 at, u64 n) {
  u32 value = heap[at];
  for (u64 child = 2 * at + 1; child < n; child = 2 * at + 1) {
    if (child + 1 < n && heap[child] < heap[child + 1]) child++;
    if (value >= heap[child]) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = value;
}

static void heapsort(u32 *heap, u64 n) {
  for (u64 i = n / 2; i-- > 0;) sift_down(heap, i, n);
  for (u64 end = n - 1; end > 0; end--) {
    u32 largest = heap[0];
    heap[0] = heap[end];
    heap[end] = largest;
    sift_down(heap, 0, end);
  }
}

static u64 sort_random(u64 n, u64 seed) {
  for (u64 i = 0; i < n; i++) {
    seed = next_random(seed);
    numbers[i] = (u32)(seed >> 16);
  }
  heapsort(numbers, n);
  return seed + numbers[0] + numbers[n / 2] * 3ull + numbers[n - 1] * 5ull;
}

KERNEL(sort) {
  u64 n = ctx->size;
  u32 repeat = ctx->repeat;
  if (n == 0 || n > MAX_NUMBERS) return 0;
  if (ctx->op == kSetUp) return sort_random(n, last_random = ctx->seed);
  u64 sum = last_random;
  for (u32 r = 0; r < repeat; r++) sum = sum * 3 + sort_random(n, sum | 1);
  return last_random = sum;
}
