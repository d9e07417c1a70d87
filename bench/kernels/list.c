// SPDX-License-Identifier: Apache-2.0
// Walks a singly linked list of `size` nodes, one cache line each, linked in random order: each load waits for the one before.
#include "kernel.h"

#define MAX_NODES 65536

struct node {
  struct node *next;
  u64 value;
  u64 payload[6];
};

static struct node nodes[MAX_NODES] __attribute__((aligned(64)));
static u32 order[MAX_NODES];
static struct node *head;

static u64 build_list(u64 n, u64 seed) {
  for (u64 i = 0; i < n; i++) order[i] = (u32)i;
  for (u64 i = n; i > 1; i--) {
    seed = next_random(seed);
    u64 other = seed % i;
    u32 swapped = order[i - 1];
    order[i - 1] = order[other];
    order[other] = swapped;
  }
  head = 0;
  for (u64 i = 0; i < n; i++) {
    struct node *node = &nodes[order[i]];
    node->value = next_random(seed + i + 1);
    node->next = head;
    head = node;
  }
  return seed;
}

static u64 sum_list(const struct node *node) {
  u64 sum = 0;
  for (; node; node = node->next) sum += node->value;
  return sum;
}

KERNEL(list) {
  u64 n = ctx->size;
  u32 repeat = ctx->repeat;
  u64 sum = ctx->seed;
  if (n == 0 || n > MAX_NODES) return 0;
  if (ctx->op == kSetUp) return build_list(n, sum);
  for (u32 r = 0; r < repeat; r++) {
    head->value = sum;
    sum = sum * 3 + sum_list(head);
  }
  return sum;
}
