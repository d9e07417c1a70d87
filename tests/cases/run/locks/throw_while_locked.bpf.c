// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: thrown 7
#include <raw.h>
#include <tn/lock.h>

struct tn_spinlock lock;

SEC("raw") u64 throw_while_locked(struct raw_context *ctx)
{
	tn_lock(&lock);
	bpf_throw(7);   // STOPS
}
