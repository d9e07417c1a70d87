// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 pointer_given_as_bytes(struct raw_context *ctx)
{
	u8 *volatile kept[2] = {ctx->data, ctx->data_end};

	tn_copy(ctx->data, (void *)kept, 0);
	return tn_compare((void *)kept, (void *)kept, 16); // ERROR: E0208
}
