/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* Programs that do nothing but cross the border. */
#include <tn/types.h>

extern u64 add_one(u64 value);

SEC("micro") u64 empty(u64 value)
{
	return value;
}

SEC("micro") u64 host_calls(u64 value)
{
	u64 sum = 0;
	for (u64 i = 0; i < value; i++)
		sum = add_one(sum);
	return sum;
}

u64 turns;

SEC("micro") u64 forever(u64 value)
{
	for (;;)
		turns += value;
}
