// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 records(struct raw_context *ctx)
{
	u8 *p = ctx->data, *end = ctx->data_end;
	u64 records = 0;

	while (p + 2 <= end) {
		u64 length = p[1];

		if (p + 2 + length > end)
			break;
		for (u64 i = 0; i < length; i++)
			records += p[2 + i];
		p += 2 + length;
	}
	return records;
}
