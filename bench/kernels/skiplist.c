// SPDX-License-Identifier: Apache-2.0
// A skip list (Pugh, 1990) of `size` random keys, a quarter of the nodes promoted at each level: looks up random keys
// and uses the node where the search ends, so that lookups wait for one another.
#include "kernel.h"

#define MAX_NODES 65536
#define MAX_LEVEL 12

struct __attribute__((may_alias)) node {
  u64 key;
  u64 value;
  struct node *next[];
};

/// Key, value and links of every node: 3 1/3 words on average, since a quarter of the nodes has each further link.
static u64 arena[MAX_NODES * 5];
static u64 arena_used;
static struct node *head;
static u64 last_random;
static struct node *before[MAX_LEVEL];  ///< the last node in front of the searched key, per level

static struct node *allocate(u64 levels) {
  u64 words = 2 + levels;
  if (arena_used + words > sizeof(arena) / sizeof(arena[0])) return 0;
  struct node *node = (struct node *)&arena[arena_used];
  arena_used += words;
  return node;
}

/// The last node whose key is less than `key`, or the head.
static struct node *find(u64 key) {
  struct node *node = head;
  for (int level = MAX_LEVEL - 1; level >= 0; level--) {
    while (node->next[level] && node->next[level]->key < key) node = node->next[level];
  }
  return node;
}

static u64 random_levels(u64 random) {
  u64 levels = 1;
  for (; levels < MAX_LEVEL && (random & 3) == 0; random >>= 2) levels++;
  return levels;
}

static int insert(u64 key, u64 value, u64 random) {
  struct node *node = head;
  for (int level = MAX_LEVEL - 1; level >= 0; level--) {
    while (node->next[level] && node->next[level]->key < key) node = node->next[level];
    before[level] = node;
  }
  if (node->next[0] && node->next[0]->key == key) return 0;
  u64 levels = random_levels(random);
  struct node *fresh = allocate(levels);
  if (!fresh) return 0;
  fresh->key = key;
  fresh->value = value;
  for (u64 level = 0; level < levels; level++) {
    fresh->next[level] = before[level]->next[level];
    before[level]->next[level] = fresh;
  }
  return 1;
}

static inline u64 key_from(u64 random, u64 n) { return (random >> 24) % (4 * n); }

static u64 build_list(u64 n, u64 seed) {
  u64 sum = 0;
  arena_used = 0;
  head = allocate(MAX_LEVEL);
  head->value = 0;
  for (int level = 0; level < MAX_LEVEL; level++) head->next[level] = 0;
  for (u64 i = 0; i < n; i++) {
    seed = next_random(seed);
    if (insert(key_from(seed, n), i, seed)) sum += seed;
  }
  return sum + arena_used;
}

KERNEL(skiplist) {
  u64 n = ctx->size;
  u32 repeat = ctx->repeat;
  u64 sum = 0;
  if (n == 0 || n > MAX_NODES) return 0;
  if (ctx->op == kSetUp) return build_list(n, last_random = ctx->seed);
  u64 random = last_random;
  for (u32 r = 0; r < repeat; r++) {
    random = next_random(random);
    sum += find(key_from(random + sum, n))->value++;
  }
  last_random = random;
  return sum;
}
