// SPDX-License-Identifier: Apache-2.0
#include "seed.h"

struct node { struct node *next; union { u64 a; u32 b[2]; }; unsigned bits : 3; };
enum color { red, green };
struct { __uint(type, 1); __uint(max_entries, 128); __type(key, u32); __type(value, struct node); } nodes SEC(".maps");
struct { __uint(type, 2); __uint(max_entries, 4); __uint(key_size, 4); __uint(value_size, 8); } words SEC(".maps");
static void *(*lookup)(void *, const void *) = (void *)1;

SEC("raw") u64 prog(u64 *ctx)
{
	u32 key = 0;
	u64 *word = lookup(&words, &key);
	struct node *node = lookup(&nodes, &key);
	enum color color = ctx[0] ? red : green;
	return (word ? *word : 0) + (node && node->next ? node->next->a : color);
}
