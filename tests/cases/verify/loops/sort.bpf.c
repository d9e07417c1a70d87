// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 sort(struct raw_context *ctx)
{
	u8 *a = ctx->data;
	u64 n = ctx->data_end - a;

	for (u64 i = 1; i < n; i++)
		for (u64 j = i; j > 0 && a[j - 1] > a[j]; j--) {
			u8 c = a[j];

			a[j] = a[j - 1];
			a[j - 1] = c;
		}
	return n;
}
