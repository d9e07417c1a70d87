// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 half_of_a_context_pointer(struct raw_context *ctx)
{
	return *(volatile u32 *)ctx; // ERROR: E0217
}
