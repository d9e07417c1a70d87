// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 distance_returned(struct raw_context *ctx)
{
	return ctx->data_end - ctx->data;
}
