// SPDX-License-Identifier: Apache-2.0
#include "seed.h"

struct bpf_map_def { u32 type, key_size, value_size, max_entries, map_flags, inner, node; };
struct bpf_map_def SEC("maps") first = {1, 4, 8, 16, 1};
struct bpf_map_def SEC("maps") second = {2, 4, 24, 32};
static void *(*lookup)(void *, const void *) = (void *)1;
char _license[] SEC("license") = "GPL";

SEC("socket/1") u64 prog(u64 *ctx)
{
	u32 key = 0;
	u64 *a = lookup(&first, &key), *b = lookup(&second, &key);
	return (a ? *a : 0) + (b ? *b : 0);
}
