// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 context_returned(struct raw_context *ctx)
{
	return (u64)ctx; // ERROR: E0211
}
