// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 pointer_read_at_variable_index(struct raw_context *ctx)
{
	u8 *volatile kept[2] = {ctx->data, ctx->data_end};
	u64 n = ctx->data_end - ctx->data;

	return *kept[n & 1]; // ERROR: E0208
}
