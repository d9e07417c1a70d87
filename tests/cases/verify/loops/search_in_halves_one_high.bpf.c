// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 search_in_halves_one_high(struct raw_context *ctx)
{
	u64 low = 0, high = (ctx->data_end - ctx->data) / 8;

	while (low <= high) {
		u64 middle = low + (high - low) / 2;

		if (*(u64 *)(ctx->data + middle * 8) < 1000) // ERROR: E0205
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
