// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>
#include <tn/exception.h>

u64 index;

SEC("raw") u64 f(struct raw_context *ctx)
{
	u8 *p = ctx->data;
	u64 i = index;

	if (p + 16 > ctx->data_end)
		return 0;
	bpf_assert_range(i, 0, 15);
	return p[i];
}
