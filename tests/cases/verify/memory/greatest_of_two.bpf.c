// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 greatest_of_two(struct raw_context *ctx)
{
	u64 n = ctx->data_end - ctx->data, sum = 0;
	u64 most = n > 16 ? n : 16;

	for (u64 i = 0; i < most; i++)
		sum += ctx->data[i]; // ERROR: E0205
	return sum;
}
