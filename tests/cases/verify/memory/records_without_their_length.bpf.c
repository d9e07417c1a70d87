// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 records_without_their_length(struct raw_context *ctx)
{
	u8 *p = ctx->data, *end = ctx->data_end;
	u64 records = 0;

	while (p < end) {
		u64 length = p[1]; // ERROR: E0205

		if (p + 2 + length > end)
			break;
		p += 2 + length;
		records++;
	}
	return records;
}
