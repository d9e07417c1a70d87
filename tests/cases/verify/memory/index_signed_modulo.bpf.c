// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 index_signed_modulo(struct raw_context *ctx)
{
	u64 n = ctx->data_end - ctx->data;

	if (n < 10)
		return 0;
	return ctx->data[*(s64 *)ctx->data % 10]; // ERROR: E0205
}
