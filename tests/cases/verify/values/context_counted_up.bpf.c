// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 context_counted_up(struct raw_context *ctx)
{
	return __sync_fetch_and_add((u64 *)ctx, 1); // ERROR: E0220
}
