/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* Programs that do nothing but cross the border. */
#include <tn/lock.h>

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

struct {
	struct tn_spinlock spin;
	u64 pad1[7];
	struct tn_rwlock rw;
	u64 locked;  /* by either */
	u64 pad2[7];
} line __attribute__((aligned(64)));

SEC("micro") u64 spin_pairs(u64 value)
{
	for (u64 i = 0; i < value; i++) {
		tn_lock(&line.spin);
		line.locked++;
		tn_unlock(&line.spin);
	}
	return line.locked;
}

SEC("micro") u64 write_pairs(u64 value)
{
	for (u64 i = 0; i < value; i++) {
		tn_lock_write(&line.rw);
		line.locked++;
		tn_unlock_write(&line.rw);
	}
	return line.locked;
}

SEC("micro") u64 read_pairs(u64 value)
{
	u64 n = 0;

	for (u64 i = 0; i < value; i++) {
		tn_lock_read(&line.rw);
		n++;
		tn_unlock_read(&line.rw);
	}
	return n;
}

SEC("micro") u64 locked_at(u64 value)
{
	return (u64)&line.locked;
}

SEC("micro") u64 lock_at(u64 value)
{
	return (u64)&line.spin;
}
