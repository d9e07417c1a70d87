// SPDX-License-Identifier: Apache-2.0
// What every kernel includes: one C source is compiled natively and for BPF, so nothing here knows which.
// Protocol: the harness calls a kernel with op kSetUp (build the data set, return a checksum of it), then with op kRun any number of times
// (do the operation `repeat` times, return a value that depends on every repetition). The same calls in the same order give the same answers.
// What is random goes on from one run to the next: a branch predictor must not learn a run by heart.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

/// Layout declared in kernels.tni.
struct kernel_context {
  u32 op;
  u32 repeat;
  u64 size;
  u64 seed;
};

enum { kSetUp = 0, kRun = 1 };

#ifdef __bpf__
#define KERNEL(name) __attribute__((section("kernel"), used)) u64 name(struct kernel_context *ctx)
#else
#define KERNEL(name) __attribute__((visibility("default"))) u64 name(struct kernel_context *ctx)
#endif

/// Marsaglia's xorshift64; `x` must not be 0.
static inline u64 next_random(u64 x) {
  x ^= x << 13;
  x ^= x >> 7;
  return x ^ x << 17;
}

/// Spreads a key over 64 bits (multiplication by 2^64 / golden ratio).
static inline u64 spread(u64 key) {
  key *= 0x9e3779b97f4a7c15ull;
  return key ^ key >> 32;
}

/// Fills `bytes` with seeded data and returns a checksum of it.
static inline u64 fill_random(u8 *bytes, u64 n, u64 seed) {
  u64 sum = 0;
  for (u64 i = 0; i < n; i++) {
    seed = next_random(seed);
    bytes[i] = (u8)(seed >> 24);
    sum = sum * 31 + bytes[i];
  }
  return sum;
}
