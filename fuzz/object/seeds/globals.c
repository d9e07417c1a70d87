// SPDX-License-Identifier: Apache-2.0
#include "seed.h"

u64 counter = 5;
u32 zeroed[10];
u64 shared_between_files;
const volatile u64 limit = 9;
const char *names[2] = {"alpha", "beta"};
static u64 values[4] = {1, 2, 3, 4};
u64 *into = &values[2];
char licence[] SEC("license") = "GPL";

SEC("raw") u64 prog(u64 *ctx)
{
	counter += limit + names[ctx[0] & 1][0];
	values[ctx[1] & 3]++;
	return zeroed[ctx[2] % 10] + *into + shared_between_files;
}
