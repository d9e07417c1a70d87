// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 context_written(struct raw_context *ctx)
{
	ctx->data = ctx->data_end; // ERROR: E0210
	return 0;
}
