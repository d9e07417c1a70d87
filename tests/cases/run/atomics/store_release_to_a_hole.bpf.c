// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: cancelled fault
#include <raw.h>
#include <tn/atomic.h>

SEC("raw") u64 store_release_to_a_hole(struct raw_context *ctx)
{
	tn_store_release((u64 *)4096, 1);
	return 1;
}
