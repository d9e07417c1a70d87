// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 1145
#include <raw.h>
#include <tn/loop.h>

static long add(u64 i, void *ctx)
{
	*(u64 *)ctx += i;
	return i == 9;
}

u64 table[100];

SEC("raw") u64 f(struct raw_context *ctx)
{
	u64 sum = 0, n = 0;
	int i;

	n += bpf_loop(20, add, &sum, 0); // 10 rounds, 45
	bpf_for(i, 5, 15)
		sum += i; // 95
	bpf_repeat(1000)
		n++;
	for (i = 0; i < 100 && can_loop; i++)
		table[i] = i;
	for (i = 0;; i++) {
		if (i == 100)
			break;
		cond_break;
	}
	return sum + n - table[5] + i - 100;
}
