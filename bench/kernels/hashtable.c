// SPDX-License-Identifier: Apache-2.0
// A hash table with chains: `hash_get` looks up random keys, half of them absent, among `size`; `hash_insert` builds a table of `size` from empty.
#include "kernel.h"

#define MAX_ENTRIES (1u << 20)

struct entry {
  struct entry *next;
  u64 key;
  u64 value;
};

static struct entry entries[MAX_ENTRIES];
static struct entry *buckets[MAX_ENTRIES];
static u64 bucket_mask;
static u64 last_random;
static u64 salt;  ///< changes with every table, so that no branch predictor learns the chains by heart

static struct entry **bucket_of(u64 key) { return &buckets[spread(key ^ salt) & bucket_mask]; }

static struct entry *find(u64 key) {
  struct entry *entry = *bucket_of(key);
  while (entry && entry->key != key) entry = entry->next;
  return entry;
}

static void insert(struct entry *entry, u64 key, u64 value) {
  struct entry **bucket = bucket_of(key);
  entry->key = key;
  entry->value = value;
  entry->next = *bucket;
  *bucket = entry;
}

/// A power of two that is at least `n`, less one.
static u64 mask_for(u64 n) {
  u64 count = 1;
  while (count < n) count *= 2;
  return count - 1;
}

static u64 build_table(u64 n, u64 seed) {
  u64 sum = 0;
  bucket_mask = mask_for(n);
  salt = spread(seed + 1) << 1;
  for (u64 i = 0; i <= bucket_mask; i++) buckets[i] = 0;
  for (u64 i = 0; i < n; i++) {
    u64 key = 2 * i + 1;
    if (find(key)) continue;
    insert(&entries[i], key, seed + i);
    sum += spread(key);
  }
  return sum;
}

KERNEL(hash_get) {
  u64 n = ctx->size;
  u32 repeat = ctx->repeat;
  u64 sum = 0;
  if (n == 0 || n > MAX_ENTRIES) return 0;
  if (ctx->op == kSetUp) return build_table(n, last_random = ctx->seed);
  u64 random = last_random;
  for (u32 r = 0; r < repeat; r++) {
    random = next_random(random);
    struct entry *entry = find((random >> 32) * (2 * n) >> 32);
    if (entry) sum += entry->value++;
  }
  last_random = random;
  return sum;
}

KERNEL(hash_insert) {
  u64 n = ctx->size;
  u32 repeat = ctx->repeat;
  if (n == 0 || n > MAX_ENTRIES) return 0;
  if (ctx->op == kSetUp) return build_table(n, last_random = ctx->seed);
  u64 sum = last_random;
  for (u32 r = 0; r < repeat; r++) sum = sum * 3 + build_table(n, sum);
  return last_random = sum;
}
