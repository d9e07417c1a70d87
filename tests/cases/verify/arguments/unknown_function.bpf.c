// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

extern u64 format_disk(u64 n);

SEC("raw") u64 unknown_function(struct raw_context *ctx)
{
	return format_disk(1); // ERROR: E0410 format_disk
}
