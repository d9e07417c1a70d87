// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 variable_index_of_unset(struct raw_context *ctx)
{
	volatile u8 bytes[16];
	u64 n = ctx->data_end - ctx->data;

	bytes[n & 15] = 1;
	return bytes[n & 15]; // ERROR: E0203
}
