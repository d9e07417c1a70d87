// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: cancelled argument
#include <raw.h>
#include <tn/lock.h>

SEC("raw") u64 in_a_hole(struct raw_context *ctx)
{
	tn_lock((struct tn_spinlock *)4096);   // STOPS
	return 1;
}
