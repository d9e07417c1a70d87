// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 write_position_runs_ahead(struct raw_context *ctx)
{
	u64 n = ctx->data_end - ctx->data, out = 0;

	for (u64 i = 0; i < n; i++) {
		if (ctx->data[i] == ' ')
			out++;
		ctx->data[out++] = 0; // ERROR: E0205
	}
	return out;
}
