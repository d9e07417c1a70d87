// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: cancelled bad_unlock
#include <raw.h>
#include <tn/lock.h>

struct tn_spinlock lock;

SEC("raw") u64 unlock_what_is_free(struct raw_context *ctx)
{
	tn_unlock(&lock);   // STOPS
	return 1;
}
