// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 beyond_the_context(struct raw_context *ctx)
{
	return ((volatile u64 *)ctx)[2]; // ERROR: E0217
}
