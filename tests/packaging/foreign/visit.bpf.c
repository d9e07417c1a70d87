// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
#include <tn/builtin.h>

extern u64 one_more(u64 n);

u64 runs;

SEC("visit") u64 count_up(u64 n)
{
	while (n == 0)
		*(volatile u64 *)&runs += 1;
	return one_more(n);
}
