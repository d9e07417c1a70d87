// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 31
#include <raw.h>

u8 a[100], b[100];

SEC("raw") u64 fill_compare_find(struct raw_context *ctx)
{
	u64 passed = 0;

	tn_fill(a, 0x107, 100);
	tn_fill(b, 7, 100);
	if (tn_compare(a, b, 100) == 0)
		passed |= 1;
	b[99] = 8;
	if (tn_compare(a, b, 100) < 0)
		passed |= 2;
	if (tn_compare(b, a, 100) > 0)
		passed |= 4;
	if (tn_find(b, 8, 100) == 99)
		passed |= 8;
	if (tn_find(a, 8, 100) == 100)
		passed |= 16;
	return passed;
}
