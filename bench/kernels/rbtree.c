// SPDX-License-Identifier: Apache-2.0
// A red-black tree (Guibas and Sedgewick, 1978; insertion from the leaf up): `rbtree_get` looks up random keys among `size`
// and uses the node where the search ends, so that lookups wait for one another; `rbtree_insert` builds a tree of `size` from empty.
#include "kernel.h"

#define MAX_NODES 65536

enum { kLeft = 0, kRight = 1 };

struct node {
  struct node *child[2];
  struct node *parent;
  u64 key;
  u64 value;
  u64 red;
};

static struct node nodes[MAX_NODES];
static struct node *root;
static u64 last_random;

/// The node with `key`, or the one under which it would be inserted.
static struct node *find(u64 key) {
  struct node *node = root, *next = root;
  while (next) {
    node = next;
    if (node->key == key) break;
    next = key < node->key ? node->child[kLeft] : node->child[kRight];
  }
  return node;
}

static void replace_child(struct node *parent, struct node *old, struct node *fresh) {
  if (!parent)
    root = fresh;
  else if (parent->child[kLeft] == old)
    parent->child[kLeft] = fresh;
  else
    parent->child[kRight] = fresh;
}

/// Moves `node` down on `side`; its child on the other side takes its place.
static inline void rotate(struct node *node, int side) {
  struct node *riser = node->child[!side], *inner = riser->child[side];
  node->child[!side] = inner;
  if (inner) inner->parent = node;
  riser->parent = node->parent;
  replace_child(node->parent, node, riser);
  riser->child[side] = node;
  node->parent = riser;
}

/// `parent` is red and grandparent's child on `side`. Returns the node at which the rules may still be broken, or null.
static inline struct node *repair(struct node *node, struct node *parent, struct node *grandparent, int side) {
  struct node *uncle = grandparent->child[!side];
  if (uncle && uncle->red) {
    parent->red = uncle->red = 0;
    grandparent->red = 1;
    return grandparent;
  }
  if (node == parent->child[!side]) {
    rotate(parent, side);
    parent = node;
  }
  parent->red = 0;
  grandparent->red = 1;
  rotate(grandparent, !side);
  return 0;
}

static void rebalance(struct node *node) {
  while (node && node->parent && node->parent->red) {
    struct node *parent = node->parent, *grandparent = parent->parent;
    if (parent == grandparent->child[kLeft])
      node = repair(node, parent, grandparent, kLeft);
    else
      node = repair(node, parent, grandparent, kRight);
  }
  root->red = 0;
}

static int insert(struct node *node, u64 key, u64 value) {
  struct node *parent = 0, **link = &root;
  while (*link) {
    parent = *link;
    if (key == parent->key) return 0;
    link = key < parent->key ? &parent->child[kLeft] : &parent->child[kRight];
  }
  node->child[kLeft] = node->child[kRight] = 0;
  node->parent = parent;
  node->key = key;
  node->value = value;
  node->red = 1;
  *link = node;
  rebalance(node);
  return 1;
}

static inline u64 key_from(u64 random, u64 n) { return random % (4 * n); }

static u64 build_tree(u64 n, u64 seed) {
  u64 sum = 0;
  root = 0;
  for (u64 i = 0; i < n; i++) {
    seed = next_random(seed);
    if (insert(&nodes[i], key_from(seed, n), i)) sum += seed;
  }
  return sum + root->key;
}

KERNEL(rbtree_get) {
  u64 n = ctx->size;
  u32 repeat = ctx->repeat;
  u64 sum = 0;
  if (n == 0 || n > MAX_NODES) return 0;
  if (ctx->op == kSetUp) return build_tree(n, last_random = ctx->seed);
  u64 random = last_random;
  for (u32 r = 0; r < repeat; r++) {
    random = next_random(random);
    sum += find(key_from(random + sum, n))->value++;
  }
  last_random = random;
  return sum;
}

KERNEL(rbtree_insert) {
  u64 n = ctx->size;
  u32 repeat = ctx->repeat;
  if (n == 0 || n > MAX_NODES) return 0;
  if (ctx->op == kSetUp) return build_tree(n, last_random = ctx->seed);
  u64 sum = last_random;
  for (u32 r = 0; r < repeat; r++) sum = sum * 3 + build_tree(n, sum | 1);
  return last_random = sum;
}
