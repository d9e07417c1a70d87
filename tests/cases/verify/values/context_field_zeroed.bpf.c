// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 context_field_zeroed(struct raw_context *ctx)
{
	((volatile u64 *)ctx)[1] = 0; // ERROR: E0217
	return 0;
}
