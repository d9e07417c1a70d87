// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 before_the_context(struct raw_context *ctx)
{
	return ((volatile u8 *)ctx)[-1]; // ERROR: E0217
}
