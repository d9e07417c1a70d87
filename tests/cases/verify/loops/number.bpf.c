// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 number(struct raw_context *ctx)
{
	u8 *p = ctx->data, *end = ctx->data_end;
	u64 value = 0;

	while (p < end && *p >= '0' && *p <= '9')
		value = value * 10 + (*p++ - '0');
	if (p < end && *p == ' ')
		p++;
	while (p < end && *p != '\r')
		value ^= *p++;
	return value;
}
