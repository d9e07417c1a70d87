// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 two_texts(struct raw_context *ctx)
{
	u8 *a = ctx->data, *end = ctx->data_end;
	u64 half = (end - a) / 2, i = 0, j = half;

	while (i < half && j < (u64)(end - a)) {
		if (a[i] < a[j])
			i++;
		else
			j++;
	}
	return i + j;
}
